/** One netlink message: header fields and what follows the header. Numbers are in the machine's byte order. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly payload: Buffer;
}

export const messageFlag = {
  request: 1,
  multi: 2,
  ack: 4,
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
  ackCapped: 0x100,
  ackAttributes: 0x200,
} as const;

export const messageType = { noop: 1, error: 2, done: 3, overrun: 4 } as const;

const headerBytes = 16;
const nestedBit = 0x8000;
const typeMask = 0x3fff;

function aligned(length: number): number {
  return (length + 3) & ~3;
}

export function encodeMessage(type: number, flags: number, sequence: number, payload: Buffer): Buffer {
  const message = Buffer.alloc(headerBytes + aligned(payload.length));
  message.writeUInt32LE(headerBytes + payload.length, 0);
  message.writeUInt16LE(type, 4);
  message.writeUInt16LE(flags, 6);
  message.writeUInt32LE(sequence, 8);
  payload.copy(message, headerBytes);
  return message;
}

export function decodeMessages(bytes: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = [];
  for (let offset = 0; offset + headerBytes <= bytes.length;) {
    const length = bytes.readUInt32LE(offset);
    if (length < headerBytes || offset + length > bytes.length) {
      throw new RangeError(`netlink message at byte ${offset} claims ${length} of ${bytes.length} bytes`);
    }
    messages.push({
      type: bytes.readUInt16LE(offset + 4),
      flags: bytes.readUInt16LE(offset + 6),
      sequence: bytes.readUInt32LE(offset + 8),
      payload: bytes.subarray(offset + headerBytes, offset + length),
    });
    offset += aligned(length);
  }
  return messages;
}

/** One attribute; an absent value gives no bytes, so optional settings need no branches. */
export function attribute(type: number, value: Uint8Array | undefined): Buffer {
  if (value === undefined) return Buffer.alloc(0);
  const bytes = Buffer.alloc(4 + aligned(value.length));
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, 4);
  return bytes;
}

export function nested(type: number, ...attributes: readonly Buffer[]): Buffer {
  return attribute(type | nestedBit, Buffer.concat(attributes));
}

export function u8(value: number): Buffer {
  return Buffer.of(value);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

/** Attributes by type, without the flag bits; of a repeated type the last one. */
export function decodeAttributes(bytes: Buffer): Map<number, Buffer> {
  return new Map(decodeAttributeList(bytes));
}

export function decodeAttributeList(bytes: Buffer): [type: number, value: Buffer][] {
  const list: [number, Buffer][] = [];
  for (let offset = 0; offset + 4 <= bytes.length;) {
    const length = bytes.readUInt16LE(offset);
    if (length < 4 || offset + length > bytes.length) {
      throw new RangeError(`netlink attribute at byte ${offset} claims ${length} of ${bytes.length} bytes`);
    }
    list.push([bytes.readUInt16LE(offset + 2) & typeMask, bytes.subarray(offset + 4, offset + length)]);
    offset += aligned(length);
  }
  return list;
}

export function decodeText(value: Buffer | undefined): string {
  if (!value) return "";
  const end = value.indexOf(0);
  return value.toString("utf8", 0, end < 0 ? value.length : end);
}
