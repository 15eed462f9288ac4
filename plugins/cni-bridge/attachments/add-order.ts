import type { AttachmentKey, HostPort } from "./attachment.ts";

/** What ADD asks for, checked. */
export interface AddOrder {
  readonly key: AttachmentKey;
  readonly network: string;
  readonly netns: string;
  readonly mac: string | undefined;
  /** Addresses without their prefix length. */
  readonly wantedAddresses: readonly string[];
  readonly hostPorts: readonly HostPort[];
}
