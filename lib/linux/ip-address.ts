import { isIP, isIPv4 } from "node:net";

/** An address with its prefix length, as in 10.88.0.5/16. */
export interface IpPrefix {
  readonly address: string;
  readonly length: number;
}

/** 4 or 16 bytes in network order. Throws RangeError with the text when it is no address. */
export function encodeIp(address: string): Buffer {
  const kind = isIP(address);
  if (kind === 4) return Buffer.from(address.split(".").map(Number));
  if (kind !== 6 || address.includes("%")) throw new RangeError(`"${address}" is not an IP address`);
  const [head = "", tail] = withoutDottedTail(address).split("::");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => 0);
  const bytes = Buffer.alloc(16);
  [...front, ...zeros, ...back].forEach((group, index) => bytes.writeUInt16BE(group, index * 2));
  return bytes;
}

function groups(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

/** ::ffff:10.0.0.1 may end in an IPv4 address, which stands for two groups. */
function withoutDottedTail(address: string): string {
  const at = address.lastIndexOf(":") + 1;
  const tail = address.slice(at);
  if (!isIPv4(tail)) return address;
  const bytes = Buffer.from(tail.split(".").map(Number));
  return `${address.slice(0, at)}${bytes.readUInt16BE(0).toString(16)}:${bytes.readUInt16BE(2).toString(16)}`;
}

/** Canonical text (RFC 5952) of 4 or 16 bytes. */
export function decodeIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = Buffer.from(bytes);
  const all = Array.from({ length: 8 }, (_, index) => view.readUInt16BE(index * 2).toString(16)).join(":");
  const zeros = [...all.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].map((match) => match[0]);
  const longest = zeros.toSorted((a, b) => b.length - a.length)[0];
  if (longest === undefined) return all;
  const at = all.indexOf(longest);
  return `${all.slice(0, at)}::${all.slice(at + longest.length).replace(/^:/, "")}`;
}

/** Throws RangeError with the text and what is wrong with it. */
export function parsePrefix(text: string): IpPrefix {
  const [address = "", length = "", ...rest] = text.split("/");
  const most = encodeIp(address).length * 8;
  const number = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (rest.length > 0 || !(number <= most)) {
    throw new RangeError(`"${text}" is not ADDRESS/LENGTH with a length of 0 to ${most}`);
  }
  return { address, length: number };
}

export function formatPrefix(prefix: IpPrefix): string {
  return `${prefix.address}/${prefix.length}`;
}

export function encodeMac(mac: string): Buffer {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) throw new RangeError(`"${mac}" is not a MAC address`);
  return Buffer.from(mac.replaceAll(":", ""), "hex");
}

export function decodeMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}
