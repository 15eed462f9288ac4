import { type AddressRange, type RangeConfig, resolveRange } from "../addresses/address-range.ts";

/** The plugin's configuration, checked against plugin.json and with its defaults filled in. */
export interface BridgeConfig {
  readonly bridge: string;
  readonly ranges: readonly RangeConfig[];
  readonly mtu: number;
  readonly masquerade: boolean;
  readonly hairpin: boolean;
}

/** One bridge with everything worked out but the MTU, which may follow the node's. */
export interface NetworkSettings {
  readonly bridge: string;
  readonly ranges: readonly AddressRange[];
  /** 0: that of the link with the default route. */
  readonly mtu: number;
  readonly masquerade: boolean;
  readonly hairpin: boolean;
}

/** Throws RangeError with a sentence that names the wrong key. */
export function resolveNetwork(config: BridgeConfig): NetworkSettings {
  const ranges = config.ranges.map((range, index) => {
    try {
      return resolveRange(range);
    } catch (error) {
      throw new RangeError(`ranges[${index}]: ${(error as Error).message}`, { cause: error });
    }
  });
  if (ranges.length === 0) throw new RangeError("ranges is empty, so no pod could get an address");
  if (ranges.length === 2 && ranges[0]?.version === ranges[1]?.version) {
    throw new RangeError(`ranges has two of IPv${ranges[0]?.version}; give one for IPv4 and one for IPv6`);
  }
  return { ...config, ranges };
}
