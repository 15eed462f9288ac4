import { decodeIp, encodeIp, encodeMac, decodeMac } from "../ip-address.ts";
import { attribute, decodeAttributes, u32 } from "./message.ts";

/** An address on an interface. */
export interface LinkAddress {
  readonly linkIndex: number;
  readonly address: string;
  readonly prefixLength: number;
}

/** A unicast route. Without `gateway` the destination is on the link itself. */
export interface KernelRoute {
  /** ADDRESS/LENGTH; 0.0.0.0/0 and ::/0 are the default routes. */
  readonly destination: string;
  readonly gateway?: string;
  readonly linkIndex?: number;
  /** Source address that the node uses on this route. */
  readonly source?: string;
  readonly priority?: number;
  readonly table?: number;
  readonly mtu?: number;
  readonly advertisedMss?: number;
  /** 0 global, 253 link. */
  readonly scope?: number;
}

/** A learned or fixed pair of IP and hardware address. */
export interface Neighbour {
  readonly linkIndex: number;
  readonly address: string;
  readonly mac: string;
  readonly isPermanent: boolean;
}

const inet4 = 2;
const inet6 = 10;
const noDuplicateDetection = 0x02;
const permanent = 0x80;
const noArp = 0x40;
const mainTable = 254;
const protocolBoot = 3;
const unicast = 1;
const linkScope = 253;

export function ipFamily(address: string): number {
  return address.includes(":") ? inet6 : inet4;
}

export function encodeAddress(entry: LinkAddress): Buffer {
  const bytes = encodeIp(entry.address);
  const header = Buffer.alloc(8);
  header[0] = ipFamily(entry.address);
  header[1] = entry.prefixLength;
  // An address from our own allocator is not probed for: the probe would hold it back for a second.
  header[2] = header[0] === inet6 ? noDuplicateDetection : 0;
  header.writeUInt32LE(entry.linkIndex, 4);
  const broadcast = broadcastOf(bytes, entry.prefixLength);
  return Buffer.concat([header, attribute(2, bytes), attribute(1, bytes), attribute(4, broadcast)]);
}

function broadcastOf(address: Buffer, prefixLength: number): Buffer | undefined {
  if (address.length !== 4 || prefixLength > 30) return undefined;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE((address.readUInt32BE() | (0xffffffff >>> prefixLength)) >>> 0);
  return bytes;
}

export function encodeAddressQuery(): Buffer {
  return Buffer.alloc(8);
}

export function decodeAddress(payload: Buffer): LinkAddress {
  const found = decodeAttributes(payload.subarray(8));
  return {
    linkIndex: payload.readUInt32LE(4),
    address: decodeIp(found.get(2) ?? found.get(1) ?? Buffer.alloc(0)),
    prefixLength: payload[1] ?? 0,
  };
}

export function encodeRoute(route: KernelRoute): Buffer {
  const [address = "", length = "0"] = route.destination.split("/");
  const header = Buffer.alloc(12);
  header[0] = ipFamily(address);
  header[1] = Number(length);
  header[4] = route.table !== undefined && route.table < 256 ? route.table : mainTable;
  header[5] = protocolBoot;
  header[6] = route.scope ?? (route.gateway === undefined && header[0] === inet4 ? linkScope : 0);
  header[7] = unicast;
  const metrics = Buffer.concat([numeric(2, route.mtu), numeric(8, route.advertisedMss)]);
  return Buffer.concat([
    header,
    attribute(1, header[1] === 0 ? undefined : encodeIp(address)),
    attribute(5, route.gateway === undefined ? undefined : encodeIp(route.gateway)),
    attribute(7, route.source === undefined ? undefined : encodeIp(route.source)),
    numeric(4, route.linkIndex),
    numeric(6, route.priority),
    numeric(15, route.table),
    attribute(8, metrics.length === 0 ? undefined : metrics),
  ]);
}

function numeric(type: number, value: number | undefined): Buffer {
  return attribute(type, value === undefined ? undefined : u32(value));
}

export function encodeRouteQuery(): Buffer {
  return Buffer.alloc(12);
}

/** Undefined for what is not a unicast route: local, broadcast, cached. */
export function decodeRoute(payload: Buffer): KernelRoute | undefined {
  const cached = (payload.readUInt32LE(8) & 0x200) !== 0;
  if (payload[7] !== unicast || cached) return undefined;
  const found = decodeAttributes(payload.subarray(12));
  const zero = payload[0] === inet6 ? "::" : "0.0.0.0";
  const to = found.get(1);
  const address = (type: number): string | undefined =>
    found.has(type) ? decodeIp(found.get(type)!) : undefined;
  const entries = {
    gateway: address(5),
    source: address(7),
    linkIndex: found.get(4)?.readUInt32LE(0),
    priority: found.get(6)?.readUInt32LE(0),
  };
  const table = found.get(15)?.readUInt32LE(0) ?? payload[4] ?? mainTable;
  return {
    destination: `${to ? decodeIp(to) : zero}/${payload[1] ?? 0}`,
    table,
    scope: payload[6] ?? 0,
    ...Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)),
  };
}

export function encodeNeighbour(neighbour: Omit<Neighbour, "isPermanent">): Buffer {
  const header = Buffer.alloc(12);
  header[0] = ipFamily(neighbour.address);
  header.writeInt32LE(neighbour.linkIndex, 4);
  header.writeUInt16LE(permanent, 8);
  return Buffer.concat([
    header,
    attribute(1, encodeIp(neighbour.address)),
    attribute(2, encodeMac(neighbour.mac)),
  ]);
}

export function encodeNeighbourQuery(): Buffer {
  return Buffer.alloc(12);
}

/** Undefined for entries without a hardware address (being looked up, failed, or not needing one). */
export function decodeNeighbour(payload: Buffer): Neighbour | undefined {
  const found = decodeAttributes(payload.subarray(12));
  const address = found.get(1);
  const mac = found.get(2);
  const state = payload.readUInt16LE(8);
  if (!address || !mac || (state & noArp) !== 0) return undefined;
  return {
    linkIndex: payload.readInt32LE(4),
    address: decodeIp(address),
    mac: decodeMac(mac),
    isPermanent: (state & permanent) !== 0,
  };
}
