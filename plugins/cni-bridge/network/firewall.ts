import { concatenated, encodeIp, type NftElement, type NftSet } from "@berth/linux";
import type { HostPort } from "../attachments/attachment.ts";
import { type IpVersion, versionOf } from "../addresses/ip-number.ts";
import type { NetworkSettings } from "./network-settings.ts";

const protocolNumber = { tcp: 6, udp: 17, sctp: 132 } as const;

/** Of the inet family. Dashes are no part of a bare name in every version of nft(8). */
export function firewallTable(bridge: string): string {
  return `berth_${bridge.replaceAll("-", "_")}`;
}

/**
 * The whole table, in one transaction that may be repeated: maps keep their elements, chains are written anew.
 * Pods add nothing but elements to the maps, whatever their number.
 */
export function firewallRules(settings: Pick<NetworkSettings, "bridge" | "ranges" | "masquerade">): string {
  const { bridge, ranges, masquerade } = settings;
  const table = `inet ${firewallTable(bridge)}`;
  const chains: [name: string, hook: string, rules: string[]][] = [
    // route_localnet opens the node's own loopback services to the bridge; this closes them again.
    ["guard", "type filter hook prerouting priority raw", [`iifname "${bridge}" ip daddr 127.0.0.0/8 drop`]],
    ["hostports", "", [...dnat(4), ...dnat(6)]],
    ["prerouting", "type nat hook prerouting priority dstnat", ["fib daddr type local jump hostports"]],
    ["output", "type nat hook output priority -100", ["fib daddr type local jump hostports"]],
    [
      "postrouting",
      "type nat hook postrouting priority srcnat",
      [
        // From the node's loopback: the pod could not answer to 127.0.0.1.
        `oifname "${bridge}" ip saddr 127.0.0.0/8 ct status dnat masquerade`,
        ...ranges.flatMap((range) => sourceNat(range.version, range.subnet, masquerade)),
      ],
    ],
  ];
  return [
    `add table ${table}`,
    ...maps.map(({ set, type }) => `add map ${table} ${set} { type ${type}; }`),
    ...chains.map(
      ([name, hook]) => `add chain ${table} ${name}${hook ? ` { ${hook}; policy accept; }` : ""}`,
    ),
    ...chains.map(([name]) => `flush chain ${table} ${name}`),
    ...chains.flatMap(([name, , rules]) => rules.map((rule) => `add rule ${table} ${name} ${rule}`)),
    "",
  ].join("\n");
}

const ports = "inet_proto . inet_service";
const maps = [
  { set: "hostports4", type: `${ports} : ipv4_addr . inet_service` },
  { set: "hostports4_on", type: `ipv4_addr . ${ports} : ipv4_addr . inet_service` },
  { set: "hostports6", type: `${ports} : ipv6_addr . inet_service` },
  { set: "hostports6_on", type: `ipv6_addr . ${ports} : ipv6_addr . inet_service` },
];

function dnat(version: IpVersion): string[] {
  const family = version === 4 ? "ip" : "ip6";
  const lookup = "meta l4proto . th dport";
  return [
    `meta nfproto ipv${version} dnat ${family} to ${family} daddr . ${lookup} map @hostports${version}_on`,
    `meta nfproto ipv${version} dnat ${family} to ${lookup} map @hostports${version}`,
  ];
}

function sourceNat(version: IpVersion, subnet: string, masquerade: boolean): string[] {
  const family = version === 4 ? "ip" : "ip6";
  const multicast = version === 4 ? "224.0.0.0/4" : "ff00::/8";
  // A pod that reaches its neighbour through a host port would get the answer straight from it, and not know it.
  const neighbours = `${family} saddr ${subnet} ${family} daddr ${subnet} ct status dnat masquerade`;
  const outside = `${family} saddr ${subnet} ${family} daddr != { ${subnet}, ${multicast} } masquerade`;
  return masquerade ? [neighbours, outside] : [neighbours];
}

/** The map elements that send one host port to a pod: one for each of its addresses that can serve it. */
export function hostPortElements(
  bridge: string,
  port: HostPort,
  addresses: readonly string[],
  comment: string,
): { set: NftSet; element: NftElement }[] {
  const anywhere = port.hostIp === undefined || port.hostIp === "";
  return addresses
    .filter((address) => anywhere || versionOf(port.hostIp ?? "") === versionOf(address))
    .map((address) => {
      const service = [Buffer.of(protocolNumber[port.protocol]), portBytes(port.hostPort)];
      const key = anywhere ? concatenated(...service) : concatenated(encodeIp(port.hostIp ?? ""), ...service);
      return {
        set: {
          family: "inet" as const,
          table: firewallTable(bridge),
          set: `hostports${versionOf(address)}${anywhere ? "" : "_on"}`,
        },
        element: { key, value: concatenated(encodeIp(address), portBytes(port.containerPort)), comment },
      };
    });
}

/** Every map of a bridge's table. */
export function hostPortSets(bridge: string): NftSet[] {
  return maps.map(({ set }) => ({ family: "inet", table: firewallTable(bridge), set }));
}

function portBytes(port: number): Buffer {
  return Buffer.from([port >> 8, port & 0xff]);
}
