import type { Pod } from "../api/index.ts";
import { podRequests } from "../api/scheduling/pod-requests.ts";
import type { HostPort, PodInfo } from "./model.ts";

export function podKey(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

export function podInfo(pod: Pod): PodInfo {
  return { key: podKey(pod), pod, requests: podRequests(pod.spec), hostPorts: hostPorts(pod) };
}

/** Whether a pod occupies its node no longer. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
}

function hostPorts(pod: Pod): HostPort[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...pod.spec.containers, ...sidecars].flatMap(({ ports = [] }) =>
    ports
      .map((port) => ({
        ip: port.hostIP || "0.0.0.0",
        protocol: port.protocol ?? "TCP",
        port: port.hostPort ?? (pod.spec.hostNetwork ? port.containerPort : 0),
      }))
      .filter(({ port }) => port > 0),
  );
}
