import ipaddr from "ipaddr.js";
import { CelRuntimeError } from "../cel-error.ts";
import { global, member, type Overload, traversal } from "../declarations.ts";
import { Opaque } from "../values.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;

class IpValue extends Opaque {
  readonly celType = "net.IP";
  readonly address: Address;

  constructor(address: Address) {
    super();
    this.address = address;
  }

  equals(other: IpValue): boolean {
    return String(this.address) === String(other.address);
  }
}

class CidrValue extends Opaque {
  readonly celType = "net.CIDR";
  readonly address: Address;
  readonly bits: number;

  constructor(address: Address, bits: number) {
    super();
    this.address = address;
    this.bits = bits;
  }

  equals(other: CidrValue): boolean {
    return this.text === other.text;
  }

  get text(): string {
    return `${String(this.address)}/${this.bits}`;
  }

  holds(address: Address): boolean {
    return address.kind() === this.address.kind() && address.match(this.address, this.bits);
  }
}

/** Kubernetes' `ip(…)` and `cidr(…)`. */
export function addressLibrary(): Overload[] {
  const ip = (text: string) => new IpValue(required(parseIp(text), "IP", text));
  const cidr = (text: string) => required(parseCidr(text), "CIDR", text);
  const range = (name: string) => (ip: IpValue) => ip.address.range() === name;
  return [
    global("isIP(string): bool", (text: string) => parseIp(text) !== undefined, traversal()),
    global("ip(string): net.IP", ip, traversal()),
    global("ip.isCanonical(string): bool", (text: string) => String(ip(text).address) === text, traversal()),
    global("string(net.IP): string", ({ address }: IpValue) => String(address)),
    member("net.IP.family(): int", ({ address }: IpValue) => (address.kind() === "ipv4" ? 4n : 6n)),
    member("net.IP.isUnspecified(): bool", range("unspecified")),
    member("net.IP.isLoopback(): bool", range("loopback")),
    member("net.IP.isLinkLocalMulticast(): bool", isLinkLocalMulticast),
    member("net.IP.isLinkLocalUnicast(): bool", range("linkLocal")),
    member(
      "net.IP.isGlobalUnicast(): bool",
      ({ address }: IpValue) =>
        !["unspecified", "loopback", "multicast", "linkLocal", "broadcast"].includes(address.range()),
    ),
    global("isCIDR(string): bool", (text: string) => parseCidr(text) !== undefined, traversal()),
    global("cidr(string): net.CIDR", cidr, traversal()),
    global("string(net.CIDR): string", ({ text }: CidrValue) => text),
    member("net.CIDR.containsIP(net.IP): bool", (range: CidrValue, { address }: IpValue) =>
      range.holds(address),
    ),
    member(
      "net.CIDR.containsIP(string): bool",
      (range: CidrValue, text: string) => range.holds(ip(text).address),
      traversal(1),
    ),
    member("net.CIDR.containsCIDR(net.CIDR): bool", holdsAll),
    member(
      "net.CIDR.containsCIDR(string): bool",
      (range: CidrValue, text: string) => holdsAll(range, cidr(text)),
      traversal(1),
    ),
    member("net.CIDR.ip(): net.IP", ({ address }: CidrValue) => new IpValue(address)),
    member("net.CIDR.masked(): net.CIDR", masked),
    member("net.CIDR.prefixLength(): int", ({ bits }: CidrValue) => BigInt(bits)),
  ];
}

function holdsAll(range: CidrValue, other: CidrValue): boolean {
  return other.bits >= range.bits && range.holds(other.address);
}

function isLinkLocalMulticast({ address }: IpValue): boolean {
  const bytes = address.toByteArray();
  if (address.kind() === "ipv4") return bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0;
  return bytes[0] === 0xff && (bytes[1]! & 0x0f) === 2;
}

function masked({ address, bits }: CidrValue): CidrValue {
  const bytes = address.toByteArray().map((byte, at) => {
    const kept = Math.max(0, Math.min(8, bits - at * 8));
    return byte & (0xff << (8 - kept)) & 0xff;
  });
  return new CidrValue(ipaddr.fromByteArray(bytes), bits);
}

/** No zones, no IPv4 within IPv6, no leading zeros, as Go's netip has it. */
function parseIp(text: string): Address | undefined {
  if (text.includes("%") || (text.includes(":") && text.includes("."))) return undefined;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) {
    return /(?:^|\.)0\d/.test(text) ? undefined : ipaddr.IPv4.parse(text);
  }
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined;
}

function parseCidr(text: string): CidrValue | undefined {
  const [, address, bits] = /^(.+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const ip = address === undefined ? undefined : parseIp(address);
  if (!ip || Number(bits) > (ip.kind() === "ipv4" ? 32 : 128)) return undefined;
  return new CidrValue(ip, Number(bits));
}

function required<T>(value: T | undefined, what: string, text: string): T {
  if (value === undefined)
    throw new CelRuntimeError(
      `${what} Address ${JSON.stringify(text.slice(0, 64))} parse error during conversion from string`,
    );
  return value;
}
