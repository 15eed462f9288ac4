import type { NetworkConfig } from "@berth/proto/generated/cni/berth/cni/v1/NetworkConfig.ts";
import type { RuntimeConfig } from "@berth/proto/generated/cni/berth/cni/v1/RuntimeConfig.ts";
import type { Struct__Output } from "@berth/proto/generated/cni/google/protobuf/Struct.ts";
import { fromStruct, type JsonObject, type JsonValue, toStruct } from "@berth/verbs";
import { pruned } from "./pruned.ts";
import { type CniDns, dnsFromJson, dnsToJson } from "./result-json.ts";

/** The capability arguments that the contract has fields for, as the conventions of CNI write them. */
interface KnownRuntimeConfig {
  portMappings?: { hostPort: number; containerPort: number; protocol?: string; hostIP?: string }[];
  bandwidth?: { ingressRate?: number; ingressBurst?: number; egressRate?: number; egressBurst?: number };
  ips?: string[];
  mac?: string;
  dns?: { servers?: string[]; searches?: string[]; options?: string[] } & CniDns;
  ipRanges?: { subnet: string; rangeStart?: string; rangeEnd?: string; gateway?: string }[][];
  cgroupPath?: string;
}

/** A plugin's section of a configuration, without `prevResult`, which is a message of its own. */
export function configFromJson(section: JsonObject): NetworkConfig {
  const { cniVersion, name, type, args, runtimeConfig, prevResult: _, ...options } = section;
  const { known, unknown } = split((runtimeConfig ?? {}) as JsonObject);
  return {
    cni_version: text(cniVersion),
    name: text(name),
    type: text(type),
    // A capability that the contract has no field for stays where the plugin's other keys are.
    options: toStruct(Object.keys(unknown).length > 0 ? { ...options, runtimeConfig: unknown } : options),
    ...(args ? { args: toStruct(args as JsonObject) } : {}),
    ...(runtimeConfig ? { runtime_config: runtimeFromJson(known) } : {}),
  };
}

export function configToJson(config: NetworkConfig): JsonObject {
  const { runtimeConfig: unknown, ...options } = fromStruct(config.options as Struct__Output);
  const runtime = {
    ...(config.runtime_config ? runtimeToJson(config.runtime_config) : {}),
    ...(unknown as JsonObject | undefined),
  } as JsonObject;
  return pruned({
    ...options,
    cniVersion: config.cni_version ?? "",
    name: config.name ?? "",
    type: config.type ?? "",
    ...(config.args ? { args: fromStruct(config.args as Struct__Output) } : {}),
    ...((config.runtime_config ?? unknown) ? { runtimeConfig: runtime } : {}),
  });
}

const knownKeys = ["portMappings", "bandwidth", "ips", "mac", "dns", "ipRanges", "cgroupPath"];

function split(runtime: JsonObject): { known: KnownRuntimeConfig; unknown: JsonObject } {
  const entries = Object.entries(runtime);
  return {
    known: Object.fromEntries(
      entries.filter(([key]) => knownKeys.includes(key)).map(([key, value]) => [key, uncapitalized(value)]),
    ),
    unknown: Object.fromEntries(entries.filter(([key]) => !knownKeys.includes(key))),
  };
}

/** Some runtimes write the members of a capability as their own language does: HostPort. */
function uncapitalized(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(uncapitalized);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key.slice(0, 1).toLowerCase() + key.slice(1),
      uncapitalized(member),
    ]),
  );
}

function runtimeFromJson(runtime: KnownRuntimeConfig): RuntimeConfig {
  const { bandwidth, dns } = runtime;
  return {
    port_mappings: (runtime.portMappings ?? []).map((mapping) => ({
      host_port: mapping.hostPort,
      container_port: mapping.containerPort,
      protocol: (mapping.protocol ?? "tcp").toLowerCase(),
      host_ip: mapping.hostIP ?? "",
    })),
    ...(bandwidth
      ? {
          bandwidth: {
            ingress_rate: bandwidth.ingressRate ?? 0,
            ingress_burst: bandwidth.ingressBurst ?? 0,
            egress_rate: bandwidth.egressRate ?? 0,
            egress_burst: bandwidth.egressBurst ?? 0,
          },
        }
      : {}),
    ips: runtime.ips ?? [],
    mac: runtime.mac ?? "",
    // The convention names these lists otherwise than the result does.
    ...(dns
      ? {
          dns: dnsFromJson({
            ...dns,
            nameservers: dns.servers ?? dns.nameservers ?? [],
            search: dns.searches ?? dns.search ?? [],
          }),
        }
      : {}),
    ip_ranges: (runtime.ipRanges ?? []).map((set) => ({
      ranges: set.map(({ subnet, rangeStart, rangeEnd, gateway }) =>
        pruned({ subnet, range_start: rangeStart, range_end: rangeEnd, gateway }),
      ),
    })),
    cgroup_path: runtime.cgroupPath ?? "",
  };
}

function runtimeToJson(runtime: RuntimeConfig): KnownRuntimeConfig {
  const { bandwidth, dns } = runtime;
  const { nameservers: servers, search: searches, options } = dns ? dnsToJson(dns) : {};
  return pruned({
    portMappings: some(runtime.port_mappings)?.map((mapping) =>
      pruned({
        hostPort: mapping.host_port ?? 0,
        containerPort: mapping.container_port ?? 0,
        protocol: mapping.protocol,
        hostIP: mapping.host_ip,
      }),
    ),
    bandwidth: bandwidth
      ? {
          ingressRate: Number(bandwidth.ingress_rate ?? 0),
          ingressBurst: Number(bandwidth.ingress_burst ?? 0),
          egressRate: Number(bandwidth.egress_rate ?? 0),
          egressBurst: Number(bandwidth.egress_burst ?? 0),
        }
      : undefined,
    ips: some(runtime.ips),
    mac: runtime.mac,
    dns: dns ? pruned({ servers, searches, options }) : undefined,
    ipRanges: some(runtime.ip_ranges)?.map(({ ranges }) =>
      (ranges ?? []).map(({ subnet = "", range_start, range_end, gateway }) =>
        pruned({ subnet, rangeStart: range_start, rangeEnd: range_end, gateway }),
      ),
    ),
    cgroupPath: runtime.cgroup_path,
  }) as KnownRuntimeConfig;
}

function some<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
