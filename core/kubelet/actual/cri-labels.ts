import type { Pod } from "../../api/index.ts";

/**
 * Names under which a runtime keeps what the node must find again, as every kubelet writes them
 * (Kubernetes, pkg "k8s.io/kubelet/types" and "kuberuntime/labels").
 */
export const labels = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
} as const;

export const annotations = {
  /** Digest of the container's specification at creation. */
  hash: "io.kubernetes.container.hash",
  restartCount: "io.kubernetes.container.restartCount",
  terminationMessagePath: "io.kubernetes.container.terminationMessagePath",
  /** Our own: where the termination message lies on the node. */
  terminationMessageHostPath: "berth.dev/termination-message-host-path",
  terminationMessagePolicy: "io.kubernetes.container.terminationMessagePolicy",
  /** Seconds, on sandboxes and containers: what a pod that the API forgot is given to end. */
  gracePeriod: "io.kubernetes.pod.terminationGracePeriod",
  /** "id@version" of the runtime plugin that made the sandbox. */
  plugin: "berth.dev/runtime-plugin",
  /** Name of the node that made the sandbox: a runtime may serve others too, whose pods are not ours to end. */
  node: "berth.dev/node",
} as const;

export function podLabels(pod: Pod): Record<string, string> {
  return {
    ...pod.metadata.labels,
    [labels.podName]: pod.metadata.name,
    [labels.podNamespace]: pod.metadata.namespace ?? "default",
    [labels.podUid]: pod.metadata.uid ?? "",
  };
}

export function containerLabels(pod: Pod, container: string): Record<string, string> {
  return {
    [labels.podName]: pod.metadata.name,
    [labels.podNamespace]: pod.metadata.namespace ?? "default",
    [labels.podUid]: pod.metadata.uid ?? "",
    [labels.containerName]: container,
  };
}
