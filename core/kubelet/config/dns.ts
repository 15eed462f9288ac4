import type { Pod } from "../../api/index.ts";
import { podNamespace } from "../pods/pod-containers.ts";

export interface DnsSettings {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  readonly options: readonly string[];
}

export interface ClusterDns {
  /** Addresses of the cluster's own name server; empty while there is none. */
  readonly servers: readonly string[];
  readonly domain: string;
}

/** What resolv.conf of the pod holds (Kubernetes documentation, "DNS for Services and Pods"). */
export function podDns(pod: Pod, node: DnsSettings, cluster: ClusterDns): DnsSettings {
  const policy = pod.spec?.dnsPolicy ?? "ClusterFirst";
  const inCluster =
    policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && pod.spec?.hostNetwork !== true);
  const base: DnsSettings =
    policy === "None"
      ? { servers: [], searches: [], options: [] }
      : inCluster && cluster.servers.length > 0
        ? clusterFirst(pod, node, cluster)
        : node;
  const own = pod.spec?.dnsConfig;
  if (!own) return base;
  return {
    servers: unique([...base.servers, ...(own.nameservers ?? [])]),
    searches: unique([...base.searches, ...(own.searches ?? [])]),
    options: mergeOptions(base.options, own.options ?? []),
  };
}

function clusterFirst(pod: Pod, node: DnsSettings, cluster: ClusterDns): DnsSettings {
  const { domain } = cluster;
  const own = [`${podNamespace(pod)}.svc.${domain}`, `svc.${domain}`, domain];
  return { servers: cluster.servers, searches: unique([...own, ...node.searches]), options: ["ndots:5"] };
}

function mergeOptions(base: readonly string[], own: readonly { name?: string; value?: string }[]): string[] {
  const byName = new Map(base.map((option) => [option.split(":")[0] ?? option, option]));
  for (const { name, value } of own) {
    if (name) byName.set(name, value === undefined ? name : `${name}:${value}`);
  }
  return [...byName.values()];
}

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** The node's own resolv.conf, resolv.conf(5). */
export function parseResolvConf(text: string): DnsSettings {
  const servers: string[] = [];
  let searches: string[] = [];
  let options: string[] = [];
  for (const line of text.split("\n")) {
    const [keyword, ...values] = line
      .replace(/[#;].*$/, "")
      .trim()
      .split(/\s+/);
    if (keyword === "nameserver" && values[0]) servers.push(values[0]);
    if (keyword === "search" || keyword === "domain") searches = values;
    if (keyword === "options") options = [...options, ...values];
  }
  return { servers, searches, options };
}

/** The name a pod calls itself; at most 63 characters, as the kernel allows. */
export function podHostname(pod: Pod): string {
  const wanted = pod.spec?.hostnameOverride ?? pod.spec?.hostname ?? pod.metadata.name;
  return wanted.slice(0, 63).replace(/[-.]+$/, "");
}

/** "name.subdomain.namespace.svc.domain" when the pod has a subdomain, else undefined. */
export function podDomainName(pod: Pod, domain: string): string | undefined {
  const { subdomain } = pod.spec ?? {};
  return subdomain ? `${podHostname(pod)}.${subdomain}.${podNamespace(pod)}.svc.${domain}` : undefined;
}
