import { createHash } from "node:crypto";

/** Names an attachment: CNI_CONTAINERID and CNI_IFNAME. */
export interface AttachmentKey {
  readonly containerId: string;
  readonly ifname: string;
}

/** A port of the node that leads to a port of the pod. */
export interface HostPort {
  readonly protocol: "tcp" | "udp" | "sctp";
  readonly hostPort: number;
  readonly containerPort: number;
  /** Only on this address of the node; on all of them without it. */
  readonly hostIp?: string;
}

export interface AttachmentAddress {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
}

/** Everything that this plugin must know to check or undo an attachment without being told again. */
export interface Attachment extends AttachmentKey {
  /** Name of the network in the request that made it: the unit of GC. */
  readonly network: string;
  readonly bridge: string;
  readonly netns: string;
  /** Name of the node's end of the pair. */
  readonly hostLink: string;
  readonly mac: string;
  readonly mtu: number;
  readonly addresses: readonly AttachmentAddress[];
  readonly hostPorts: readonly HostPort[];
}

/** intent: addresses are reserved and the kernel may hold anything between nothing and all of it. */
export type AttachmentPhase = "intent" | "done";

export interface StoredAttachment {
  readonly attachment: Attachment;
  readonly phase: AttachmentPhase;
}

export const hostLinkPrefix = "bth";

/** 15 bytes are all that the kernel allows; the key's digest makes the name the same every time. */
export function hostLinkName(key: AttachmentKey): string {
  const digest = createHash("sha256").update(`${key.containerId}/${key.ifname}`).digest("hex");
  return `${hostLinkPrefix}${digest.slice(0, 12)}`;
}

/** Left on the node's end, so that a person, and a GC after the state was lost, can tell whose it is. */
export function linkAlias(attachment: AttachmentKey): string {
  return `berth:${attachment.containerId}/${attachment.ifname}`;
}

export function keyText({ containerId, ifname }: AttachmentKey): string {
  return `${containerId}/${ifname}`;
}

/**
 * Made of the address, so that a pod that gets a released address also gets its hardware address and nobody's
 * neighbour table is wrong. 02 marks it as locally administered.
 */
export function macFor(address: string, encode: (address: string) => Uint8Array): string {
  const bytes = encode(address);
  const tail = bytes.length === 4 ? bytes : createHash("sha256").update(bytes).digest().subarray(0, 4);
  return ["02", "be", ...Array.from(tail, (byte) => byte.toString(16).padStart(2, "0"))].join(":");
}
