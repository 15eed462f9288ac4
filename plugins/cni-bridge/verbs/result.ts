import type { Dns__Output } from "@berth/proto/generated/cni/berth/cni/v1/Dns.ts";
import type { Result } from "@berth/proto/generated/cni/berth/cni/v1/Result.ts";
import type { Attachment } from "../attachments/attachment.ts";
import { cniVersion } from "./cni-error.ts";

const podInterface = 2;

/** What ADD answers: bridge, the node's end, the pod's end, its addresses and its way out. */
export function resultOf(attachment: Attachment, dns: Dns__Output | null): Result {
  const { bridge, hostLink, ifname, netns, mac, mtu, addresses } = attachment;
  return {
    cni_version: cniVersion,
    interfaces: [{ name: bridge }, { name: hostLink, mtu }, { name: ifname, mac, mtu, sandbox: netns }],
    ips: addresses.map(({ address, prefixLength, gateway }) => ({
      address: `${address}/${prefixLength}`,
      gateway,
      interface: podInterface,
    })),
    routes: addresses.map(({ gateway }) => ({
      dst: gateway.includes(":") ? "::/0" : "0.0.0.0/0",
      gw: gateway,
    })),
    ...(dns ? { dns } : {}),
  };
}
