import { decodeMac, encodeMac } from "../ip-address.ts";
import { attribute, decodeAttributes, decodeText, nested, text, u32, u8 } from "./message.ts";

/** A network interface as the kernel reports it. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** bridge, veth, tun… Empty for hardware and loopback. */
  readonly kind: string;
  readonly mac: string;
  readonly mtu: number;
  readonly isUp: boolean;
  /** Index of the bridge that it is a port of. */
  readonly masterIndex?: number;
  /** For a veth: index of the other end, in the namespace below. */
  readonly peerIndex?: number;
  /** Set when the other end is in another namespace. */
  readonly peerNamespaceId?: number;
  /** Free text that an owner may leave on an interface. */
  readonly alias: string;
  readonly hairpin?: boolean;
}

/** What can be changed; a field left out stays as it is. */
export interface LinkSettings {
  readonly name?: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly isUp?: boolean;
  /** 0 takes it off its bridge. */
  readonly masterIndex?: number;
  readonly alias?: string;
  readonly isPromiscuous?: boolean;
  /** Descriptor of the network namespace to move it to. */
  readonly namespaceFd?: number;
}

const attr = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  info: 18,
  alias: 20,
  namespaceFd: 28,
  peerNamespaceId: 37,
  infoKind: 1,
  infoData: 2,
  infoSlaveKind: 4,
  infoSlaveData: 5,
  vethPeer: 1,
  portHairpin: 4,
} as const;
const upFlag = 1;
const promiscuousFlag = 0x100;
const headerBytes = 16;

function header(index: number, settings: LinkSettings = {}): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  let flags = 0;
  let change = 0;
  if (settings.isUp !== undefined) {
    change |= upFlag;
    if (settings.isUp) flags |= upFlag;
  }
  if (settings.isPromiscuous !== undefined) {
    change |= promiscuousFlag;
    if (settings.isPromiscuous) flags |= promiscuousFlag;
  }
  bytes.writeInt32LE(index, 4);
  bytes.writeUInt32LE(flags, 8);
  bytes.writeUInt32LE(change, 12);
  return bytes;
}

function optional<T>(type: number, value: T | undefined, encode: (value: T) => Buffer): Buffer {
  return attribute(type, value === undefined ? undefined : encode(value));
}

function attributes(settings: LinkSettings): Buffer {
  return Buffer.concat([
    optional(attr.name, settings.name, text),
    optional(attr.address, settings.mac, encodeMac),
    optional(attr.mtu, settings.mtu, u32),
    optional(attr.master, settings.masterIndex, u32),
    optional(attr.alias, settings.alias, (alias) => Buffer.from(alias)),
    optional(attr.namespaceFd, settings.namespaceFd, u32),
  ]);
}

export function encodeLinkSettings(index: number, settings: LinkSettings): Buffer {
  return Buffer.concat([header(index, settings), attributes(settings)]);
}

export function encodeLinkQuery(target: number | string): Buffer {
  if (typeof target === "number") return header(target);
  return Buffer.concat([header(0), attribute(attr.name, text(target))]);
}

export function encodeNewBridge(settings: LinkSettings): Buffer {
  const info = nested(attr.info, attribute(attr.infoKind, text("bridge")));
  return Buffer.concat([header(0, settings), attributes(settings), info]);
}

export function encodeNewVeth(settings: LinkSettings, peer: LinkSettings): Buffer {
  const peerData = nested(attr.vethPeer, Buffer.concat([header(0, peer), attributes(peer)]));
  const info = nested(attr.info, attribute(attr.infoKind, text("veth")), nested(attr.infoData, peerData));
  return Buffer.concat([header(0, settings), attributes(settings), info]);
}

/** Hairpin lets a bridge send a frame back out of the port it came in by: a pod reaching itself through the node. */
export function encodeBridgePort(index: number, port: { hairpin: boolean }): Buffer {
  const data = nested(attr.infoSlaveData, attribute(attr.portHairpin, u8(port.hairpin ? 1 : 0)));
  const info = nested(attr.info, attribute(attr.infoSlaveKind, text("bridge")), data);
  return Buffer.concat([header(index), info]);
}

export function decodeLink(payload: Buffer): Link {
  const found = decodeAttributes(payload.subarray(headerBytes));
  const info = decodeAttributes(found.get(attr.info) ?? Buffer.alloc(0));
  const port = decodeAttributes(info.get(attr.infoSlaveData) ?? Buffer.alloc(0));
  const number = (type: number): number | undefined => found.get(type)?.readInt32LE(0);
  const masterIndex = number(attr.master);
  const peerIndex = number(attr.link);
  const peerNamespaceId = number(attr.peerNamespaceId);
  const hairpin = port.get(attr.portHairpin)?.[0];
  return {
    index: payload.readInt32LE(4),
    name: decodeText(found.get(attr.name)),
    kind: decodeText(info.get(attr.infoKind)),
    mac: decodeMac(found.get(attr.address) ?? Buffer.alloc(0)),
    mtu: number(attr.mtu) ?? 0,
    isUp: (payload.readUInt32LE(8) & upFlag) !== 0,
    alias: decodeText(found.get(attr.alias)),
    ...(masterIndex === undefined ? {} : { masterIndex }),
    ...(peerIndex === undefined ? {} : { peerIndex }),
    ...(peerNamespaceId === undefined ? {} : { peerNamespaceId }),
    ...(hairpin === undefined ? {} : { hairpin: hairpin === 1 }),
  };
}
