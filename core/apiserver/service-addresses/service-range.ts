import ipaddr from "ipaddr.js";
import { BerthError } from "@berth/base";

export const serviceRangeInvalid = BerthError.define({
  code: "BERTH_APISERVER_SERVICE_RANGE",
  grpc: "INVALID_ARGUMENT",
  http: 500,
  owner: "operator",
  next: "Give the service range as an IPv4 network of /12 to /28, such as 10.96.0.0/16.",
});

/** The addresses of Services: a network whose first usable address is the API's own Service. */
export class ServiceRange {
  readonly cidr: string;
  readonly #base: number;
  readonly #size: number;

  constructor(cidr: string) {
    const valid = ipaddr.IPv4.isValidCIDR(cidr) && ipaddr.IPv4.parseCIDR(cidr);
    if (!valid || valid[1] < 12 || valid[1] > 28)
      throw new BerthError(serviceRangeInvalid, `the service range ${JSON.stringify(cidr)} cannot be used`);
    const [, bits] = valid;
    const network = ipaddr.IPv4.networkAddressFromCIDR(cidr);
    this.cidr = `${network.toString()}/${bits}`;
    this.#base = toNumber(network.toByteArray());
    this.#size = 2 ** (32 - bits);
  }

  /** The first address, kept for the `kubernetes` Service. */
  get first(): string {
    return this.address(1);
  }

  /** Usable addresses: all but the network's own and the broadcast address. */
  get count(): number {
    return this.#size - 2;
  }

  /** @param index 1 to count */
  address(index: number): string {
    const value = this.#base + index;
    return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
  }

  contains(address: string): boolean {
    if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return false;
    const index = toNumber(ipaddr.IPv4.parse(address).toByteArray()) - this.#base;
    return index >= 1 && index <= this.count;
  }
}

function toNumber(bytes: readonly number[]): number {
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
