import { parsePrefix } from "@berth/linux";
import { bitsOf, type IpVersion, toAddress, toNumber, versionOf } from "./ip-number.ts";

/** A range as an operator writes it. */
export interface RangeConfig {
  readonly subnet: string;
  readonly rangeStart?: string;
  readonly rangeEnd?: string;
  readonly gateway?: string;
}

/** A range with everything worked out. */
export interface AddressRange {
  readonly version: IpVersion;
  /** Canonical: host bits cleared. */
  readonly subnet: string;
  readonly prefixLength: number;
  readonly gateway: string;
  /** First and last address that a pod may get; the gateway may lie between them and is skipped. */
  readonly first: bigint;
  readonly last: bigint;
}

/** Throws RangeError with a sentence that names the wrong value. */
export function resolveRange(config: RangeConfig): AddressRange {
  const prefix = parsePrefix(config.subnet);
  const version = versionOf(prefix.address);
  const bits = bitsOf(version);
  if (prefix.length > bits - 2) {
    throw new RangeError(
      `subnet ${config.subnet} has no room for a gateway and a pod; use /${bits - 2} or wider`,
    );
  }
  const size = 1n << BigInt(bits - prefix.length);
  const base = toNumber(prefix.address) & ~(size - 1n);
  // IPv4 keeps the highest address for broadcast; IPv6 has no such thing.
  const highest = base + size - (version === 4 ? 2n : 1n);
  const within = (name: string, address: string): bigint => {
    const number = versionOf(address) === version ? toNumber(address) : -1n;
    if (number <= base || number > highest) {
      throw new RangeError(`${name} ${address} is not a usable address of ${config.subnet}`);
    }
    return number;
  };
  const gateway = config.gateway === undefined ? base + 1n : within("gateway", config.gateway);
  const first = config.rangeStart === undefined ? base + 1n : within("rangeStart", config.rangeStart);
  const last = config.rangeEnd === undefined ? highest : within("rangeEnd", config.rangeEnd);
  if (first > last) {
    throw new RangeError(
      `rangeStart ${config.rangeStart} comes after rangeEnd ${config.rangeEnd ?? "of the subnet"}`,
    );
  }
  return {
    version,
    subnet: `${toAddress(base, version)}/${prefix.length}`,
    prefixLength: prefix.length,
    gateway: toAddress(gateway, version),
    first,
    last,
  };
}

export function contains(range: AddressRange, address: string): boolean {
  if (versionOf(address) !== range.version) return false;
  const number = toNumber(address);
  return number >= range.first && number <= range.last && address !== range.gateway;
}

/** How many pods the range has room for. */
export function capacity(range: AddressRange): bigint {
  const gateway = toNumber(range.gateway);
  return range.last - range.first + 1n - (gateway >= range.first && gateway <= range.last ? 1n : 0n);
}
