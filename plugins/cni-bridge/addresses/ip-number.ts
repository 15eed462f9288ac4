import { decodeIp, encodeIp } from "@berth/linux";

/** Addresses as numbers, so that ranges are plain arithmetic. 4 for IPv4, 6 for IPv6. */
export type IpVersion = 4 | 6;

export function versionOf(address: string): IpVersion {
  return address.includes(":") ? 6 : 4;
}

export function bitsOf(version: IpVersion): number {
  return version === 4 ? 32 : 128;
}

/** Throws RangeError when it is no address. */
export function toNumber(address: string): bigint {
  return BigInt(`0x${encodeIp(address).toString("hex")}`);
}

export function toAddress(number: bigint, version: IpVersion): string {
  return decodeIp(Buffer.from(number.toString(16).padStart(bitsOf(version) / 4, "0"), "hex"));
}
