import type { Dns } from "@berth/proto/generated/cni/berth/cni/v1/Dns.ts";
import type { Interface } from "@berth/proto/generated/cni/berth/cni/v1/Interface.ts";
import type { IpConfig } from "@berth/proto/generated/cni/berth/cni/v1/IpConfig.ts";
import type { Result } from "@berth/proto/generated/cni/berth/cni/v1/Result.ts";
import type { Route } from "@berth/proto/generated/cni/berth/cni/v1/Route.ts";
import { type CniVersion, isAtLeast, newestCniVersion } from "./cni-version.ts";
import { pruned } from "./pruned.ts";

/** A result as the specification writes it, in any version from 0.3.0 to 1.1.0. */
export interface CniResult {
  readonly cniVersion?: string;
  readonly interfaces?: readonly CniInterface[] | null;
  readonly ips?: readonly CniIp[] | null;
  readonly routes?: readonly CniRoute[] | null;
  readonly dns?: CniDns | null;
}

export interface CniInterface {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly sandbox?: string;
  readonly socketPath?: string;
  readonly pciID?: string;
}

export interface CniIp {
  /** "4" or "6"; until 0.4.0. */
  readonly version?: string;
  readonly address: string;
  readonly gateway?: string;
  readonly interface?: number;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

/** What a reader of that version understands; what only newer ones have is left out. */
export function resultToJson(result: Result, version: CniVersion): CniResult {
  const isNew = isAtLeast(version, "1.1.0");
  const namesFamily = !isAtLeast(version, "1.0.0");
  return pruned({
    cniVersion: version,
    interfaces: result.interfaces?.map((one) => interfaceToJson(one, isNew)),
    ips: result.ips?.map((ip) => ipToJson(ip, namesFamily)),
    routes: result.routes?.map((route) => routeToJson(route, isNew)),
    dns: result.dns ? dnsToJson(result.dns) : {},
  });
}

function interfaceToJson(one: Interface, isNew: boolean): CniInterface {
  const { name = "", mac, mtu, sandbox, socket_path: socketPath, pci_id: pciID } = one;
  return pruned({ name, mac, sandbox, ...(isNew ? { mtu, socketPath, pciID } : {}) });
}

function ipToJson({ address = "", gateway, interface: index }: IpConfig, namesFamily: boolean): CniIp {
  const family = namesFamily ? { version: address.includes(":") ? "6" : "4" } : {};
  return pruned({ ...family, address, gateway, interface: index });
}

function routeToJson({ dst = "", gw, mtu, advmss, priority, table, scope }: Route, isNew: boolean): CniRoute {
  return pruned({ dst, gw, ...(isNew ? { mtu, advmss, priority, table, scope } : {}) });
}

export function dnsToJson({ nameservers, domain, search, options }: Dns): CniDns {
  return pruned({
    nameservers: some(nameservers),
    domain,
    search: some(search),
    options: some(options),
  });
}

export function resultFromJson(result: CniResult): Result {
  const { cniVersion = newestCniVersion, dns } = result;
  return {
    cni_version: cniVersion,
    interfaces: (result.interfaces ?? []).map(({ socketPath, pciID, ...rest }) =>
      pruned({ ...rest, socket_path: socketPath, pci_id: pciID }),
    ),
    ips: (result.ips ?? []).map(({ address, gateway, interface: index }) =>
      pruned({ address, gateway, interface: index }),
    ),
    routes: (result.routes ?? []).map((route) => ({ ...route })),
    ...(dns && Object.keys(dns).length > 0 ? { dns: dnsFromJson(dns) } : {}),
  };
}

export function dnsFromJson({ nameservers, domain, search, options }: CniDns): Dns {
  return {
    nameservers: [...(nameservers ?? [])],
    domain: domain ?? "",
    search: [...(search ?? [])],
    options: [...(options ?? [])],
  };
}

function some(list: string[] | undefined): string[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
