import { formatPrefix, isNetworkNamespace, RouteSocket } from "@berth/linux";
import type { Attachment } from "../attachments/attachment.ts";
import type { ObservedAttachment } from "./network-backend.ts";

/** Reads both ends of an attachment from the kernel. */
export function observeAttachment(
  node: RouteSocket,
  attachment: Attachment,
  hostPorts: readonly string[],
): ObservedAttachment {
  const netnsExists = isNetworkNamespace(attachment.netns);
  const host = node.findLink(attachment.hostLink);
  const bridge = node.findLink(attachment.bridge);
  const hostLink = host && { onBridge: host.masterIndex === bridge?.index, isUp: host.isUp };
  const seen = { netnsExists, hostPorts, ...(hostLink ? { hostLink } : {}) };
  return netnsExists ? { ...seen, ...observePod(attachment) } : { ...seen, addresses: [], gateways: [] };
}

function observePod({
  netns,
  ifname,
}: Attachment): Pick<ObservedAttachment, "podLink" | "addresses" | "gateways"> {
  const pod = RouteSocket.open(netns);
  try {
    const link = pod.findLink(ifname);
    if (!link) return { addresses: [], gateways: [] };
    return {
      podLink: { mac: link.mac, isUp: link.isUp },
      addresses: pod
        .listAddresses(link.index)
        .map(({ address, prefixLength }) => formatPrefix({ address, length: prefixLength })),
      gateways: pod
        .listRoutes()
        .filter((route) => route.linkIndex === link.index && route.destination.endsWith("/0"))
        .flatMap((route) => route.gateway ?? []),
    };
  } finally {
    pod.close();
  }
}
