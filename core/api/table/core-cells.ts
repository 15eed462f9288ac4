import type {
  ComponentStatus,
  Endpoints,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  ResourceQuota,
  Secret,
  Service,
} from "../generated/types.ts";
import { ownMember } from "../json/json-value.ts";
import { type Cells, cellsOf, countOf, ingressPoints, joined, pairs, textCell } from "./cell.ts";

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
  Version: textCell("status.nodeInfo.kubeletVersion"),
  "Internal-IP": (node) => nodeAddress(node, "InternalIP"),
  "External-IP": (node) => nodeAddress(node, "ExternalIP"),
  "OS-Image": ({ status }) => status?.nodeInfo?.osImage || "<unknown>",
  "Kernel-Version": ({ status }) => {
    const { kernelVersion, architecture } = status?.nodeInfo ?? {};
    return `${kernelVersion || "<unknown>"}${architecture ? ` (${architecture})` : ""}`;
  },
  "Container-Runtime": ({ status }) => status?.nodeInfo?.containerRuntimeVersion || "<unknown>",
});

const modeNames: Readonly<Record<string, string>> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

/** In the order of the names, each once. */
const accessModes = (modes: readonly string[] | undefined): string =>
  Object.entries(modeNames)
    .flatMap(([mode, name]) => (modes?.includes(mode) ? name : []))
    .join(",");

/** The annotation is from when there was no field. */
const storageClass = ({ metadata, spec }: PersistentVolume | PersistentVolumeClaim): string =>
  ownMember(metadata.annotations, "volume.beta.kubernetes.io/storage-class") ?? spec.storageClassName ?? "";

export const claimCells: Cells = cellsOf<PersistentVolumeClaim>({
  Status: (claim) => (claim.metadata.deletionTimestamp ? "Terminating" : (claim.status?.phase ?? "")),
  Volume: (claim) => claim.spec.volumeName ?? "",
  Capacity: (claim) => (claim.spec.volumeName ? (claim.status?.capacity?.["storage"] ?? "0") : ""),
  "Access Modes": (claim) => (claim.spec.volumeName ? accessModes(claim.status?.accessModes) : ""),
  StorageClass: storageClass,
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
  StorageClass: storageClass,
  VolumeAttributesClass: (volume) => volume.spec.volumeAttributesClassName ?? "<unset>",
  Reason: (volume) => volume.status?.reason ?? "",
  VolumeMode: (volume) => volume.spec.volumeMode ?? "<unset>",
});

function externalAddress({ spec, status }: Service): string {
  const own = spec.externalIPs ?? [];
  if (spec.type === "ExternalName") return spec.externalName ?? "";
  if (spec.type !== "LoadBalancer") return joined(own);
  const all = [...ingressPoints(status?.loadBalancer?.ingress), ...own];
  return all.length > 0 ? all.join(",") : "<pending>";
}

export const serviceCells: Cells = cellsOf<Service>({
  Type: textCell("spec.type"),
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

function quotaUsage(quota: ResourceQuota, isLimit: boolean): string {
  const hard = quota.status?.hard ?? {};
  return Object.keys(hard)
    .filter((name) => name.startsWith("limits.") === isLimit)
    .toSorted()
    .map((name) => `${name}: ${ownMember(quota.status?.used, name) ?? "0"}/${hard[name]!}`)
    .join(", ");
}

function endpointAddresses({ subsets = [] }: Endpoints): string {
  if (subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => {
    const ips = addresses.map(({ ip }) => ip);
    const hosts = ips.map((ip) => (ip.includes(":") ? `[${ip}]` : ip));
    return ports.length === 0 ? ips : ports.flatMap(({ port }) => hosts.map((host) => `${host}:${port}`));
  });
  return all.length === 0 ? "" : joined(all, 3);
}

function componentHealth({ conditions }: ComponentStatus): string {
  const healthy = conditions?.find(({ type }) => type === "Healthy");
  if (!healthy) return "Unknown";
  return healthy.status === "True" ? "Healthy" : "Unhealthy";
}

export const smallCoreCells: Readonly<Record<string, Cells>> = {
  "core.v1.ConfigMap": cellsOf<{ data?: object; binaryData?: object }>({
    Data: ({ data, binaryData }) => countOf(data) + countOf(binaryData),
  }),
  "core.v1.Secret": cellsOf<Secret>({ Type: textCell("type"), Data: ({ data }) => countOf(data) }),
  "core.v1.Namespace": { Status: textCell("status.phase") },
  "core.v1.Endpoints": cellsOf<Endpoints>({ Endpoints: endpointAddresses }),
  "core.v1.ResourceQuota": cellsOf<ResourceQuota>({
    Request: (quota) => quotaUsage(quota, false),
    Limit: (quota) => quotaUsage(quota, true),
  }),
  "core.v1.ComponentStatus": cellsOf<ComponentStatus>({
    Status: componentHealth,
    Message: ({ conditions }) => conditions?.find(({ type }) => type === "Healthy")?.message ?? "",
    Error: ({ conditions }) => conditions?.find(({ type }) => type === "Healthy")?.error ?? "",
  }),
};
