import type { PodStatus } from "../generated/types.ts";

type Addresses = Pick<PodStatus, "podIP" | "podIPs">;

/** The one address of old is the first of the list; where they are not the same it is the one that counts. */
export function alignAddresses(status: Addresses): void {
  const { podIP, podIPs } = status;
  if (podIP) {
    if (podIPs?.[0]?.ip !== podIP) status.podIPs = [{ ip: podIP }];
  } else if (podIPs?.[0]?.ip) status.podIP = podIPs[0].ip;
}
