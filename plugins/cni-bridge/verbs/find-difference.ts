import type { Attachment } from "../attachments/attachment.ts";
import type { ObservedAttachment } from "../backend/network-backend.ts";

/** The first thing in which the kernel differs from what ADD made, as a sentence; undefined when nothing does. */
export function findDifference(expected: Attachment, seen: ObservedAttachment): string | undefined {
  const { hostLink, ifname, netns, bridge, mac } = expected;
  if (!seen.netnsExists) return `network namespace ${netns} is gone`;
  if (!seen.hostLink) return `link ${hostLink} is gone from the node`;
  if (!seen.hostLink.onBridge) return `link ${hostLink} is not a port of bridge ${bridge}`;
  if (!seen.hostLink.isUp) return `link ${hostLink} is down`;
  if (!seen.podLink) return `link ${ifname} is gone from ${netns}`;
  if (!seen.podLink.isUp) return `link ${ifname} in ${netns} is down`;
  if (seen.podLink.mac !== mac) return `link ${ifname} in ${netns} has MAC ${seen.podLink.mac}, not ${mac}`;
  for (const { address, prefixLength, gateway } of expected.addresses) {
    if (!seen.addresses.includes(`${address}/${prefixLength}`)) {
      return `address ${address}/${prefixLength} is gone from ${ifname} in ${netns}`;
    }
    if (!seen.gateways.includes(gateway)) return `the default route through ${gateway} is gone from ${netns}`;
  }
  const lost = expected.hostPorts.find(
    ({ protocol, hostPort }) => !seen.hostPorts.includes(`${protocol}/${hostPort}`),
  );
  return lost && `host port ${lost.protocol}/${lost.hostPort} is gone from the firewall`;
}
