import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PluginInstance,
  Pod,
  RuntimeClass,
  StorageClass,
} from "../api/index.ts";
import type { Amounts } from "../api/scheduling/pod-requests.ts";

/** A pod with what scheduling asks of it, worked out once. */
export interface PodInfo {
  /** namespace/name */
  readonly key: string;
  readonly pod: Pod;
  readonly requests: Amounts;
  readonly hostPorts: readonly HostPort[];
}

export interface HostPort {
  readonly ip: string;
  readonly protocol: string;
  readonly port: number;
}

/** A node and what stands on it or is about to. */
export interface NodeInfo {
  readonly node: Node;
  readonly allocatable: Amounts;
  readonly pods: ReadonlyMap<string, PodInfo>;
  /** Sums of the pods' requests. */
  readonly requested: Amounts;
  /** What plugins say of themselves on this node. */
  readonly instances: readonly PluginInstance[];
}

/** Everything a decision may look at; one state of it throughout one cycle. */
export interface Cluster {
  readonly nodes: readonly NodeInfo[];
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
  volumes(): Iterable<PersistentVolume>;
  storageClass(name: string): StorageClass | undefined;
  runtimeClass(name: string): RuntimeClass | undefined;
  /** Undefined for a namespace not (yet) known. */
  namespaceLabels(name: string): Readonly<Record<string, string>> | undefined;
}

/** What may change a refusal into a fit. */
export type ClusterChange = "node" | "podGone" | "podPlaced" | "storage" | "runtimeClass" | "plugin";

/** Why a pod does not fit, in the words users know from kubectl. */
export interface Refusal {
  /** Completes "1 …": `Insufficient cpu`, `node(s) were unschedulable`. */
  readonly reason: string;
}

/** Says of one node whether a pod may go there; undefined means yes. */
export interface Filter {
  readonly name: string;
  /** Changes after which a pod refused by this filter is worth another try. */
  readonly wakesOn: ReadonlySet<ClusterChange>;
  check(pod: PodInfo, node: NodeInfo, cluster: Cluster): readonly Refusal[] | undefined;
}

/** Says of a pod alone whether it can be placed at all now; the sentence stands without a count of nodes. */
export interface Precondition {
  readonly name: string;
  readonly wakesOn: ReadonlySet<ClusterChange>;
  check(pod: PodInfo, cluster: Cluster): string | undefined;
}

/** Rates nodes that fit; the highest sum of weighted ratings wins. */
export interface Score {
  readonly name: string;
  readonly weight: number;
  /** 0 (worst) to 100 (best), one for each node. */
  rate(pod: PodInfo, nodes: readonly NodeInfo[], cluster: Cluster): number[];
}
