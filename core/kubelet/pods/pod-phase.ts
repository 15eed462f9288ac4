import type { ContainerStatus, Pod } from "../../api/index.ts";

export type PodPhase = "Pending" | "Running" | "Succeeded" | "Failed";

/**
 * The one word for a pod, from the states of its containers (Kubernetes documentation, "Pod Lifecycle"). `finished`
 * says that nothing runs and nothing will be started again.
 */
export function podPhase(
  pod: Pod,
  statuses: { init: readonly ContainerStatus[]; regular: readonly ContainerStatus[] },
  finished: boolean,
): PodPhase {
  const policy = pod.spec?.restartPolicy ?? "Always";
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).flatMap((spec) => (spec.restartPolicy === "Always" ? [spec.name] : [])),
  );
  const plainInit = statuses.init.filter((status) => !sidecars.has(status.name));
  const failedInit = plainInit.some((status) => (status.state?.terminated?.exitCode ?? 0) !== 0);
  if (failedInit && policy === "Never") return "Failed";
  const neverBegan = statuses.regular.filter(
    (status) => !status.state?.running && !status.state?.terminated && !status.lastState?.terminated,
  );
  if (neverBegan.length > 0) return "Pending";
  if (statuses.regular.some((status) => status.state?.running) || !finished) return "Running";
  return statuses.regular.every((status) => status.state?.terminated?.exitCode === 0)
    ? "Succeeded"
    : "Failed";
}
