import type {
  ComponentStatus,
  Endpoints,
  Event,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceQuota,
  Secret,
  Service,
} from "../generated/types.ts";
import { ownMember } from "../json/json-value.ts";
import { formatAge } from "../time/timestamp.ts";
import { type Cells, cellsOf, countOf, joined, pairs } from "./cell.ts";

const rolePrefix = "node-role.kubernetes.io/";

export function nodeRoles(node: Node): string[] {
  return Object.entries(node.metadata.labels ?? {})
    .flatMap(([key, value]) => {
      if (key.startsWith(rolePrefix)) return key.slice(rolePrefix.length) || [];
      return key === "kubernetes.io/role" && value ? value : [];
    })
    .toSorted();
}

function nodeStatus(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const said = !ready ? "Unknown" : ready.status === "True" ? "Ready" : "NotReady";
  return node.spec.unschedulable ? `${said},SchedulingDisabled` : said;
}

const nodeAddress = (node: Node, wanted: string): string =>
  node.status?.addresses?.find(({ type }) => type === wanted)?.address ?? "<none>";

export const nodeCells: Cells = cellsOf<Node>({
  Status: nodeStatus,
  Roles: (node) => joined(nodeRoles(node)),
  Version: "status.nodeInfo.kubeletVersion",
  "Internal-IP": (node) => nodeAddress(node, "InternalIP"),
  "External-IP": (node) => nodeAddress(node, "ExternalIP"),
  "OS-Image": "status.nodeInfo.osImage",
  "Kernel-Version": "status.nodeInfo.kernelVersion",
  "Container-Runtime": "status.nodeInfo.containerRuntimeVersion",
});

const modeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

const accessModes = (modes: readonly string[] | undefined): string =>
  modes && modes.length > 0 ? modes.map((mode) => modeNames[mode] ?? mode).join(",") : "";

export const claimCells: Cells = cellsOf<PersistentVolumeClaim>({
  Status: (claim) => (claim.metadata.deletionTimestamp ? "Terminating" : (claim.status?.phase ?? "")),
  Volume: (claim) => claim.spec.volumeName ?? "",
  Capacity: (claim) => (claim.spec.volumeName ? (claim.status?.capacity?.["storage"] ?? "0") : ""),
  "Access Modes": (claim) => (claim.spec.volumeName ? accessModes(claim.status?.accessModes) : ""),
  StorageClass: (claim) => claim.spec.storageClassName ?? "",
  VolumeAttributesClass: (claim) => claim.spec.volumeAttributesClassName ?? "<unset>",
  VolumeMode: (claim) => claim.spec.volumeMode ?? "<unset>",
});

export const volumeCells: Cells = cellsOf<PersistentVolume>({
  Capacity: (volume) => volume.spec.capacity?.["storage"] ?? "0",
  "Access Modes": (volume) => accessModes(volume.spec.accessModes),
  "Reclaim Policy": (volume) => volume.spec.persistentVolumeReclaimPolicy ?? "",
  Status: (volume) => (volume.metadata.deletionTimestamp ? "Terminating" : (volume.status?.phase ?? "")),
  Claim: (volume) => {
    const claim = volume.spec.claimRef;
    return claim ? `${claim.namespace ?? ""}/${claim.name ?? ""}` : "";
  },
  StorageClass: (volume) => volume.spec.storageClassName ?? "",
  VolumeAttributesClass: (volume) => volume.spec.volumeAttributesClassName ?? "<unset>",
  Reason: (volume) => volume.status?.reason ?? "",
  VolumeMode: (volume) => volume.spec.volumeMode ?? "<unset>",
});

function externalAddress(service: Service): string {
  const own = service.spec.externalIPs ?? [];
  if (service.spec.type === "ExternalName") return service.spec.externalName ?? "<none>";
  if (service.spec.type !== "LoadBalancer") return joined(own);
  const given = (service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "");
  return [...given, ...own].length > 0 ? [...given, ...own].join(",") : "<pending>";
}

export const serviceCells: Cells = cellsOf<Service>({
  Type: "spec.type",
  "Cluster-IP": (service) => service.spec.clusterIPs?.[0] ?? service.spec.clusterIP ?? "<none>",
  "External-IP": externalAddress,
  "Port(s)": (service) =>
    joined(
      (service.spec.ports ?? []).map(
        ({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ""}/${protocol ?? "TCP"}`,
      ),
    ),
  Selector: (service) => pairs(service.spec.selector),
});

function eventSource(event: Event): string {
  const component = event.source?.component || event.reportingComponent || "";
  const host = event.source?.host;
  return host ? `${component}, ${host}` : component;
}

const lastSeen = (event: Event): string | undefined =>
  event.series?.lastObservedTime ??
  event.lastTimestamp ??
  event.eventTime ??
  event.metadata.creationTimestamp;

/** An event of `events.k8s.io` may be about nothing. */
const subjectOf = (event: Event): Partial<Event["involvedObject"]> =>
  (event as Partial<Event>).involvedObject ?? {};

/** Covers both groups: what `events.k8s.io` renamed has its old name under `deprecated…`. */
export const eventCells: Cells = cellsOf<Event>({
  "Last Seen": (event, now) => formatAge(lastSeen(event), now),
  Type: "type",
  Reason: "reason",
  Object: (event) => {
    const { kind, name } = subjectOf(event);
    return kind ? `${kind.toLowerCase()}/${name ?? ""}` : (name ?? "");
  },
  Subobject: (event) => subjectOf(event).fieldPath ?? "",
  Source: eventSource,
  Message: (event) => (event.message ?? "").trim(),
  "First Seen": (event, now) => formatAge(event.firstTimestamp ?? event.eventTime, now),
  Count: (event) => event.series?.count ?? event.count ?? 1,
});

function quotaUsage(quota: ResourceQuota, isLimit: boolean): string {
  const hard = quota.status?.hard ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith("limits.") === isLimit)
    .toSorted()
    .map((name) => `${name}: ${ownMember(quota.status?.used, name) ?? "0"}/${hard[name]!}`)
    .join(", ");
}

function endpointAddresses(endpoints: Endpoints): string {
  const all = (endpoints.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
    const ips = addresses.map(({ ip }) => ip);
    return ports.length === 0 ? ips : ports.flatMap(({ port }) => ips.map((ip) => `${ip}:${port}`));
  });
  return joined(all, 3);
}

export const smallCoreCells: Readonly<Record<string, Cells>> = {
  "core.v1.ConfigMap": cellsOf<{ data?: object; binaryData?: object }>({
    Data: ({ data, binaryData }) => countOf(data) + countOf(binaryData),
  }),
  "core.v1.Secret": cellsOf<Secret>({ Type: "type", Data: ({ data }) => countOf(data) }),
  "core.v1.Namespace": { Status: "status.phase" },
  "core.v1.Endpoints": cellsOf<Endpoints>({ Endpoints: endpointAddresses }),
  "core.v1.ResourceQuota": cellsOf<ResourceQuota>({
    Request: (quota) => quotaUsage(quota, false),
    Limit: (quota) => quotaUsage(quota, true),
  }),
  "core.v1.ComponentStatus": cellsOf<ComponentStatus>({
    Status: ({ conditions }) =>
      conditions?.find(({ type }) => type === "Healthy")?.status === "True" ? "Healthy" : "Unhealthy",
    Message: ({ conditions }) => conditions?.find(({ type }) => type === "Healthy")?.message ?? "",
    Error: ({ conditions }) => conditions?.find(({ type }) => type === "Healthy")?.error ?? "",
  }),
};
