import { ownName } from "./own-service.ts";

export interface Advertised {
  readonly address: string;
  readonly port: number;
}

export interface OwnSlice {
  readonly addressType: "IPv4" | "IPv6";
  readonly endpoints: readonly {
    readonly addresses: readonly string[];
    readonly conditions: { ready: true };
  }[];
  readonly ports: readonly { readonly name: "https"; readonly protocol: "TCP"; readonly port: number }[];
}

/**
 * The EndpointSlices of the API servers by name: one for each family and port, as a slice has only one of both. The first is
 * called as the Service is, where everybody looks for it. Every server that knows the same makes the same of it.
 */
export function slicesFor(servers: readonly Advertised[]): ReadonlyMap<string, OwnSlice> {
  const groups = new Map<string, { addressType: "IPv4" | "IPv6"; port: number; addresses: Set<string> }>();
  for (const { address, port } of servers) {
    const addressType = address.includes(":") ? "IPv6" : "IPv4";
    const key = `${addressType.toLowerCase()}-${port}`;
    const group = groups.get(key) ?? { addressType, port, addresses: new Set() };
    groups.set(key, group);
    group.addresses.add(address);
  }
  const ordered = [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    ordered.map(([key, { addressType, port, addresses }], index) => [
      index === 0 ? ownName : `${ownName}-${key}`,
      {
        addressType,
        endpoints: [...addresses]
          .toSorted()
          .map((address) => ({ addresses: [address], conditions: { ready: true } })),
        ports: [{ name: "https", protocol: "TCP", port }],
      },
    ]),
  );
}
