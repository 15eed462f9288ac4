import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PluginInstance,
  Pod,
  PodSpec,
  RuntimeClass,
  StorageClass,
} from "../api/index.ts";
import { ClusterCache } from "./cluster-cache.ts";
import type { Cluster } from "./model.ts";
import { podInfo } from "./pod-info.ts";

/** Builders of small clusters for tests. */
export function aPod(
  name: string,
  spec: Partial<PodSpec> = {},
  metadata: Partial<Pod["metadata"]> = {},
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default", uid: `uid-${name}`, generation: 1, ...metadata },
    spec: { containers: [{ name: "main", image: "busybox" }], ...spec },
  };
}

export function asking(requests: Record<string, string>): Partial<PodSpec> {
  return { containers: [{ name: "main", image: "busybox", resources: { requests } }] };
}

export function aNode(
  name: string,
  change: { allocatable?: Record<string, string>; node?: Partial<Node> } = {},
): Node {
  const allocatable = { cpu: "4", memory: "8Gi", pods: "110", ...change.allocatable };
  return {
    spec: {},
    status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
    ...change.node,
    metadata: {
      name,
      ...change.node?.metadata,
      labels: { "kubernetes.io/hostname": name, ...change.node?.metadata?.labels },
    },
  };
}

export function anInstance(
  node: string,
  plugin: string,
  contract: PluginInstance["spec"]["contract"],
  status: Partial<PluginInstance["status"]>,
): PluginInstance {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginInstance",
    metadata: { name: `${plugin}.${node}` },
    spec: { plugin, nodeName: node, contract },
    status: { state: "ready", ...status },
  };
}

export interface Contents {
  nodes?: Node[];
  /** Pods by the name of their node. */
  pods?: Record<string, Pod[]>;
  instances?: PluginInstance[];
  claims?: PersistentVolumeClaim[];
  volumes?: PersistentVolume[];
  storageClasses?: StorageClass[];
  runtimeClasses?: RuntimeClass[];
  namespaces?: Record<string, Record<string, string>>;
}

export function aCluster(contents: Contents): Cluster {
  const cache = new ClusterCache();
  for (const node of contents.nodes ?? []) cache.setNode(node);
  for (const [node, pods] of Object.entries(contents.pods ?? {})) {
    for (const pod of pods) cache.setPod(podInfo(pod), node);
  }
  for (const instance of contents.instances ?? []) cache.setInstance(instance);
  const named = <T extends { metadata: { name: string } }>(
    all: T[] | undefined,
    name: string,
  ): T | undefined => all?.find((one) => one.metadata.name === name);
  return {
    nodes: cache.nodes,
    claim: (namespace, name) =>
      contents.claims?.find((one) => one.metadata.name === name && one.metadata.namespace === namespace),
    volume: (name) => named(contents.volumes, name),
    volumes: () => contents.volumes ?? [],
    storageClass: (name) => named(contents.storageClasses, name),
    runtimeClass: (name) => named(contents.runtimeClasses, name),
    namespaceLabels: (name) => contents.namespaces?.[name],
  };
}
