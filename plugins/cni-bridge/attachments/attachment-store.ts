import type { AddressRange } from "../addresses/address-range.ts";
import type { Attachment, AttachmentAddress, AttachmentKey, StoredAttachment } from "./attachment.ts";

/** What must be remembered across a restart. No address is ever in two attachments. */
export interface AttachmentStore {
  find(key: AttachmentKey): StoredAttachment | undefined;
  list(): StoredAttachment[];
  /**
   * Reserves one address of each range, the wanted ones where named, and remembers the intent, in one transaction.
   * Throws {@link RangeFullError} or {@link AddressTakenError}.
   */
  begin(draft: AttachmentDraft, ranges: readonly AddressRange[], wanted: readonly string[]): Attachment;
  /** The kernel now has all of it. */
  complete(key: AttachmentKey): void;
  /** Gives the addresses back. False when there was nothing. */
  remove(key: AttachmentKey): boolean;
  /** Addresses of a range that are in use. */
  countTaken(range: AddressRange): number;
  close(): void;
}

/** An attachment before it has addresses; what depends on them is made by `finish`. */
export interface AttachmentDraft {
  readonly key: AttachmentKey;
  finish(addresses: readonly AttachmentAddress[]): Attachment;
}

export class RangeFullError extends Error {
  readonly range: AddressRange;

  constructor(range: AddressRange) {
    super(`no address of ${range.subnet} is free`);
    this.name = "RangeFullError";
    this.range = range;
  }
}

export class AddressTakenError extends Error {
  constructor(address: string, holder: string) {
    super(`address ${address} is in use by ${holder}`);
    this.name = "AddressTakenError";
  }
}
