import type { Container, Pod } from "../../api/index.ts";

export type ContainerRole = "init" | "sidecar" | "regular" | "ephemeral";

export interface PodContainer {
  readonly role: ContainerRole;
  readonly spec: Container;
}

/** A sidecar is an init container that goes on running: `restartPolicy: Always` on the container. */
export function initContainers(pod: Pod): PodContainer[] {
  return (pod.spec?.initContainers ?? []).map((spec) => ({
    role: spec.restartPolicy === "Always" ? "sidecar" : "init",
    spec,
  }));
}

export function regularContainers(pod: Pod): PodContainer[] {
  return (pod.spec?.containers ?? []).map((spec) => ({ role: "regular", spec }));
}

export function ephemeralContainers(pod: Pod): PodContainer[] {
  return (pod.spec?.ephemeralContainers ?? []).map((spec) => ({ role: "ephemeral", spec }));
}

export function allContainers(pod: Pod): PodContainer[] {
  return [...initContainers(pod), ...regularContainers(pod), ...ephemeralContainers(pod)];
}

export function podUid(pod: Pod): string {
  return pod.metadata.uid ?? "";
}

export function podNamespace(pod: Pod): string {
  return pod.metadata.namespace ?? "default";
}

/** "namespace/name", for messages. */
export function podTitle(pod: Pod): string {
  return `${podNamespace(pod)}/${pod.metadata.name}`;
}

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === "Succeeded" || phase === "Failed";
}
