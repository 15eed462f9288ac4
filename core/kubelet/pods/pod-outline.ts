import type { Pod } from "../../api/index.ts";

/** What of a pod matters to its worker; its own reports come back as updates and matter not. */
export function podOutline(pod: Pod): string {
  const { deletionTimestamp, deletionGracePeriodSeconds, labels, annotations } = pod.metadata;
  const gates = (pod.spec?.readinessGates ?? []).map(
    (gate) => pod.status?.conditions?.find((condition) => condition.type === gate.conditionType)?.status,
  );
  return JSON.stringify([
    pod.spec,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    labels,
    annotations,
    gates,
  ]);
}
