import type { NameRule } from "./name-rules.ts";

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ipv4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
const ipv6Group = /^[0-9a-fA-F]{1,4}$/;

export function isIpv4(text: string): boolean {
  return ipv4.test(text);
}

/** RFC 4291 text form; a zone is refused, an IPv4 tail is taken. */
export function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const last = groups.at(-1)!.at(-1) ?? "";
  const tail = last.includes(".") ? 2 : 1;
  const count = groups.reduce((sum, half) => sum + half.length, 0) + tail - 1;
  const plain = groups.flat().slice(0, tail === 2 ? -1 : undefined);
  if (tail === 2 && !isIpv4(last)) return false;
  if (!plain.every((group) => ipv6Group.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
}

const good: readonly string[] = [];
const noAddress = ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
const noRange = ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];

const leadingZeros = ["must not have leading 0s"];
const mapped = ["must not be an IPv4-mapped IPv6 address"];
const beyondPrefix = ["must not have bits set beyond the prefix length"];
/** Some read such octets as octal numbers. */
const isOctal = (text: string): boolean =>
  /^\d+(?:\.\d+){3}$/.test(text) && isIpv4(text.replaceAll(/\b0+(?=\d)/g, ""));

export const ipRule: NameRule = (text) => {
  if (isIpv4(text)) return good;
  if (isIpv6(text)) return addressValue(text) >> 32n === 0xffffn ? mapped : good;
  return isOctal(text) ? leadingZeros : noAddress;
};

/** As {@link ipRule}, and written in the one way that RFC 5952 gives. */
export const canonicalIpRule: NameRule = (text) => {
  const wrong = ipRule(text);
  if (wrong.length > 0) return wrong;
  const canonical = canonicalIp(text);
  return canonical === text ? good : [`must be in canonical form ("${canonical}")`];
};

/** A URL's host is written so. */
const canonicalIp = (text: string): string =>
  isIpv4(text) ? text : new URL(`http://[${text}]`).hostname.slice(1, -1);

/** As {@link cidrRule}, and written in its one way. */
export const canonicalCidrRule: NameRule = (text) => {
  const wrong = cidrRule(text);
  if (wrong.length > 0) return wrong;
  const [address = "", length = ""] = text.split("/");
  const canonical = `${canonicalIp(address)}/${length}`;
  return canonical === text ? good : [`must be in canonical form ("${canonical}")`];
};

const lengthOf = (address: string): number => (isIpv4(address) ? 32 : isIpv6(address) ? 128 : -1);

/** An address and the length of its prefix; the rest of the address may be anything. */
export function isCidr(text: string): boolean {
  const [address = "", length = "", ...rest] = text.split("/");
  return rest.length === 0 && /^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= lengthOf(address);
}

export const cidrRule: NameRule = (text) => {
  if (!isCidr(text)) return noRange;
  const [address = "", length = ""] = text.split("/");
  const host = BigInt(lengthOf(address) - Number(length));
  return (addressValue(address) >> host) << host === addressValue(address) ? good : beyondPrefix;
};

/** Whether every address of `inner` lies in `outer`; both are good CIDR values. */
export function cidrContains(outer: string, inner: string): boolean {
  const [address = "", length = ""] = outer.split("/");
  const [other = "", otherLength = ""] = inner.split("/");
  if (isIpv4(address) !== isIpv4(other) || Number(otherLength) < Number(length)) return false;
  const bits = isIpv4(address) ? 32 : 128;
  const shift = BigInt(bits - Number(length));
  return addressValue(address) >> shift === addressValue(other) >> shift;
}

/** The address as one number. */
function addressValue(text: string): bigint {
  if (isIpv4(text)) return text.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const [head = "", tail] = text.split("::");
  const groups = (half: string): bigint[] => (half === "" ? [] : half.split(":").flatMap(groupValues));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const gap = Array<bigint>(Math.max(0, 8 - front.length - back.length)).fill(0n);
  return [...front, ...gap, ...back].reduce((sum, group) => sum * 65_536n + group, 0n);
}

function groupValues(group: string): bigint[] {
  if (!group.includes(".")) return [BigInt(`0x${group}`)];
  const value = addressValue(group);
  return [value / 65_536n, value % 65_536n];
}
