import { attribute, decodeAttributeList, decodeAttributes, messageFlag, nested, text } from "./message.ts";
import { type NetlinkRequest, NetlinkSocket } from "./netlink-socket.ts";

/** Names one set or map of a table in the node's firewall. */
export interface NftSet {
  readonly family: "inet" | "ip" | "ip6";
  readonly table: string;
  readonly set: string;
}

/** One element: the key, for a map the value too; each field of a concatenation already padded to four bytes. */
export interface NftElement {
  readonly key: Buffer;
  readonly value?: Buffer;
  /** Shown by `nft list`; at most 128 bytes. */
  readonly comment?: string;
}

const familyNumber = { inet: 1, ip: 2, ip6: 10 } as const;
const subsystem = 10;
const batchBegin = 16;
const batchEnd = 17;
const command = {
  deleteTable: 2,
  getTable: 1,
  addElements: 12,
  getElements: 13,
  deleteElements: 14,
} as const;
const listAttr = { table: 1, set: 2, elements: 3 } as const;
const elementAttr = { key: 1, data: 2, userData: 6 } as const;
const dataValue = 1;
const listElement = 1;
const commentTag = 0;
const maxCommentBytes = 128;

/** Joins the fields of a concatenated key or value, each padded to the four bytes of the kernel's registers. */
export function concatenated(...fields: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    fields.map((field) => Buffer.concat([field, Buffer.alloc((4 - (field.length % 4)) % 4)])),
  );
}

function header(family: number, resource = 0): Buffer {
  return Buffer.from([family, 0, resource >> 8, resource & 0xff]);
}

function messageOf(set: NftSet, elements: readonly NftElement[], withData: boolean): Buffer {
  return Buffer.concat([
    header(familyNumber[set.family]),
    attribute(listAttr.table, text(set.table)),
    attribute(listAttr.set, text(set.set)),
    nested(listAttr.elements, ...elements.map((element) => encodeElement(element, withData))),
  ]);
}

function encodeElement(element: NftElement, withData: boolean): Buffer {
  const { key, value, comment } = element;
  const data = withData && value ? nested(elementAttr.data, attribute(dataValue, value)) : Buffer.alloc(0);
  const note = withData && comment !== undefined ? encodeComment(comment) : undefined;
  return nested(
    listElement,
    nested(elementAttr.key, attribute(dataValue, key)),
    data,
    attribute(elementAttr.userData, note),
  );
}

function encodeComment(comment: string): Buffer {
  const bytes = Buffer.from(comment).subarray(0, maxCommentBytes - 1);
  return Buffer.concat([Buffer.from([commentTag, bytes.length + 1]), bytes, Buffer.from([0])]);
}

function decodeComment(userData: Buffer = Buffer.alloc(0)): string | undefined {
  let rest = userData;
  while (rest.length > 2) {
    const end = 2 + (rest[1] ?? 0);
    if (rest[0] === commentTag) return rest.toString("utf8", 2, end - 1);
    rest = rest.subarray(end);
  }
  return undefined;
}

/** A change of one set: part of a transaction of {@link NftablesSocket.commit}. */
export const nftRequests = {
  /** EEXIST when one of the keys is there. */
  addElements: (set: NftSet, elements: readonly NftElement[]): NetlinkRequest => ({
    action: `add ${elements.length} elements to ${set.family} ${set.table} ${set.set}`,
    type: (subsystem << 8) | command.addElements,
    flags: messageFlag.create | messageFlag.exclusive,
    payload: messageOf(set, elements, true),
  }),
  /** ENOENT when one of the keys is not there; then nothing of the transaction happens. */
  deleteElements: (set: NftSet, elements: readonly NftElement[]): NetlinkRequest => ({
    action: `delete ${elements.length} elements of ${set.family} ${set.table} ${set.set}`,
    type: (subsystem << 8) | command.deleteElements,
    payload: messageOf(set, elements, false),
  }),
  deleteTable: (family: NftSet["family"], table: string): NetlinkRequest => ({
    action: `delete table ${family} ${table}`,
    type: (subsystem << 8) | command.deleteTable,
    payload: Buffer.concat([header(familyNumber[family]), attribute(1, text(table))]),
  }),
} as const;

/** Elements of existing sets and maps, without a process of nft(8): about 0.1 ms for a transaction. */
export class NftablesSocket {
  readonly #socket = new NetlinkSocket("netfilter");

  /** All of it or nothing. */
  commit(...requests: readonly NetlinkRequest[]): void {
    const edge = { payload: header(0, subsystem) };
    this.#socket.executeTransaction(
      { action: "begin a firewall transaction", type: batchBegin, ...edge },
      requests,
      { action: "end a firewall transaction", type: batchEnd, ...edge },
    );
  }

  hasTable(family: NftSet["family"], table: string): boolean {
    const answer = this.#socket.ask({
      action: `look up table ${family} ${table}`,
      type: (subsystem << 8) | command.getTable,
      payload: Buffer.concat([header(familyNumber[family]), attribute(1, text(table))]),
      tolerate: ["ENOENT"],
    });
    return answer !== undefined;
  }

  /** The element with this key; undefined when it, its set or its table is not there. */
  findElement(set: NftSet, key: Buffer): NftElement | undefined {
    const answer = this.#socket.ask({
      action: `look up an element of ${set.family} ${set.table} ${set.set}`,
      type: (subsystem << 8) | command.getElements,
      payload: messageOf(set, [{ key }], false),
      tolerate: ["ENOENT"],
    });
    return answer && decodeElements(answer.payload)[0];
  }

  /** Empty when table or set is not there. */
  listElements(set: NftSet): NftElement[] {
    const answers = this.#socket.dump({
      action: `list ${set.family} ${set.table} ${set.set}`,
      type: (subsystem << 8) | command.getElements,
      payload: messageOf(set, [], false),
      tolerate: ["ENOENT"],
    });
    return answers.flatMap((answer) => decodeElements(answer.payload));
  }

  close(): void {
    this.#socket.close();
  }
}

function decodeElements(payload: Buffer): NftElement[] {
  const elements = decodeAttributes(payload.subarray(4)).get(listAttr.elements);
  return elements ? decodeAttributeList(elements).map(([, element]) => decodeElement(element)) : [];
}

function decodeElement(bytes: Buffer): NftElement {
  const found = decodeAttributes(bytes);
  const inner = (type: number): Buffer | undefined =>
    found.has(type) ? decodeAttributes(found.get(type) ?? Buffer.alloc(0)).get(dataValue) : undefined;
  const value = inner(elementAttr.data);
  const comment = decodeComment(found.get(elementAttr.userData));
  return {
    key: inner(elementAttr.key) ?? Buffer.alloc(0),
    ...(value === undefined ? {} : { value }),
    ...(comment === undefined ? {} : { comment }),
  };
}
