import type { Pod, ReplicaSet, ReplicaSetStatus } from "../../api/index.ts";
import { labelSelectorQuery } from "../../api/selectors/label-selector.ts";
import { matchesLabels } from "../../api/selectors/requirement.ts";
import { withCondition, withoutCondition } from "../shared/conditions.ts";
import { availableIn, isReady } from "./pod-states.ts";

const mostAtOnce = 500;

/** How many pods to make (positive) or to take away (negative) now. */
export function replicaDifference({ spec }: ReplicaSet, active: number): number {
  const difference = (spec?.replicas ?? 1) - active;
  return Math.max(-mostAtOnce, Math.min(mostAtOnce, difference));
}

export function matchesReplicaSet({ spec }: ReplicaSet, { metadata }: Pod): boolean {
  return matchesLabels(labelSelectorQuery(spec?.selector), metadata.labels);
}

export function replicaSetStatus(
  set: ReplicaSet,
  active: readonly Pod[],
  now: number,
  failure: string | undefined,
): ReplicaSetStatus {
  const template = { matchLabels: set.spec?.template?.metadata?.labels ?? {} };
  const minReadySeconds = set.spec?.minReadySeconds ?? 0;
  const known = set.status?.conditions?.find(({ type }) => type === "ReplicaFailure");
  // Each attempt fails with another pod's name: a status that told each would itself call for the next, at once.
  const condition = {
    type: "ReplicaFailure",
    status: "True",
    reason: "FailedCreate",
    message: known?.message ?? failure ?? "",
  };
  const conditions =
    failure === undefined
      ? withoutCondition(set.status?.conditions, "ReplicaFailure")
      : withCondition(set.status?.conditions, condition, now);
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) =>
      matchesLabels(labelSelectorQuery(template), metadata.labels),
    ).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => availableIn(pod, minReadySeconds, now) === 0).length,
    ...(set.metadata.generation !== undefined && { observedGeneration: set.metadata.generation }),
    conditions: [...conditions],
  };
}
