/** SPDY/3.1 framing, as the Chromium project's draft 3.1 defines it. */
export const spdyVersion = 3;

/** WebSocket subprotocol in which kubectl sends the SPDY frames of a port-forward. */
export const portForwardTunnelProtocol = "SPDY/3.1+portforward.k8s.io";

/** Of a port-forward whose frames go over the connection itself. */
export const portForwardProtocols = ["portforward.k8s.io"] as const;

export const frameType = {
  synStream: 1,
  synReply: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  headers: 8,
  windowUpdate: 9,
} as const;

export const flag = { fin: 1 } as const;

export type SpdyFrame =
  | { kind: "data"; streamId: number; flags: number; payload: Buffer }
  | { kind: "control"; type: number; flags: number; payload: Buffer };

const headerBytes = 8;
const maxFrameBytes = 1024 * 1024;

/** Cuts whole frames off the front of what has arrived; throws for one that is too long or of another version. */
export function takeFrame(bytes: Buffer): { frame: SpdyFrame; rest: Buffer } | undefined {
  if (bytes.length < headerBytes) return undefined;
  const first = bytes.readUInt32BE(0);
  const flags = bytes.readUInt8(4);
  const length = bytes.readUIntBE(5, 3);
  if (length > maxFrameBytes) throw new RangeError(`SPDY frame of ${length} bytes`);
  if (bytes.length < headerBytes + length) return undefined;
  const payload = bytes.subarray(headerBytes, headerBytes + length);
  const rest = bytes.subarray(headerBytes + length);
  const isControl = first >>> 31 === 1;
  if (!isControl) return { frame: { kind: "data", streamId: first, flags, payload }, rest };
  const version = (first >>> 16) & 0x7fff;
  if (version !== spdyVersion) throw new RangeError(`SPDY version ${version}; only ${spdyVersion} is spoken`);
  return { frame: { kind: "control", type: first & 0xffff, flags, payload }, rest };
}

export function dataFrame(streamId: number, flags: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt32BE(streamId, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

export function controlFrame(type: number, flags: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(headerBytes);
  head.writeUInt32BE(((0x8000 | spdyVersion) * 0x10000 + type) >>> 0, 0);
  head.writeUInt8(flags, 4);
  head.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([head, payload]);
}

export function numbers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32BE(value, index * 4));
  return bytes;
}

/** Name and value pairs before compression: a count, then each text behind its length. */
export function encodeHeaders(headers: Readonly<Record<string, string>>): Buffer {
  const entries = Object.entries(headers);
  return Buffer.concat([
    numbers(entries.length),
    ...entries.flat().flatMap((text) => [numbers(Buffer.byteLength(text)), Buffer.from(text)]),
  ]);
}

export function decodeHeaders(bytes: Buffer): Record<string, string> {
  const headers: Record<string, string> = {};
  let offset = 4;
  const text = (): string => {
    const length = bytes.readUInt32BE(offset);
    offset += 4 + length;
    return bytes.toString("utf8", offset - length, offset);
  };
  for (let left = bytes.readUInt32BE(0); left > 0; left--) {
    const name = text();
    headers[name] = text();
  }
  return headers;
}
