import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from "../../api/index.ts";
import { formatTime } from "../../api/index.ts";
import { slackOf, total } from "./rolling-update.ts";

export function deploymentStatus(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentStatus {
  const sum = (of: (set: ReplicaSet) => number | undefined): number =>
    sets.reduce((all, set) => all + (of(set) ?? 0), 0);
  const availableReplicas = sum(({ status }) => status?.availableReplicas);
  const counts = {
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas,
    unavailableReplicas: Math.max(0, total(sets) - availableReplicas),
  };
  const conditions = [
    availability(deployment, availableReplicas),
    ...progress(deployment, counts, newSet, now),
    ...failures(sets),
  ].map((condition) => dated(condition, deployment.status, counts, now));
  return {
    ...(deployment.metadata.generation !== undefined && {
      observedGeneration: deployment.metadata.generation,
    }),
    ...counts,
    conditions,
    ...(deployment.status?.collisionCount !== undefined && {
      collisionCount: deployment.status.collisionCount,
    }),
  };
}

/** When the deadline of a roll-over under way is over, in milliseconds since the epoch. */
export function progressDeadline({ spec, status }: Deployment): number | undefined {
  const known = status?.conditions?.find(({ type }) => type === "Progressing");
  if (spec.paused || !known?.lastUpdateTime || known.reason === "NewReplicaSetAvailable") return undefined;
  if (known.status === "False") return undefined;
  return Date.parse(known.lastUpdateTime) + (spec.progressDeadlineSeconds ?? 600) * 1000;
}

type Counts = Required<
  Pick<DeploymentStatus, "replicas" | "updatedReplicas" | "readyReplicas" | "availableReplicas">
>;

function availability(deployment: Deployment, available: number): DeploymentCondition {
  const least = (deployment.spec.replicas ?? 1) - slackOf(deployment).unavailable;
  return available >= least
    ? {
        type: "Available",
        status: "True",
        reason: "MinimumReplicasAvailable",
        message: "Deployment has minimum availability.",
      }
    : {
        type: "Available",
        status: "False",
        reason: "MinimumReplicasUnavailable",
        message: "Deployment does not have minimum availability.",
      };
}

function progress(
  deployment: Deployment,
  counts: Counts,
  newSet: ReplicaSet | undefined,
  now: number,
): DeploymentCondition[] {
  const known = deployment.status?.conditions?.find(({ type }) => type === "Progressing");
  const say = (status: string, reason: string, message: string): DeploymentCondition[] => [
    { type: "Progressing", status, reason, message },
  ];
  if (deployment.spec.paused) {
    if (known?.reason === "NewReplicaSetAvailable") return [known];
    return say("Unknown", "DeploymentPaused", "Deployment is paused");
  }
  if (!newSet) return known ? [known] : [];
  const { name } = newSet.metadata;
  const wanted = deployment.spec.replicas ?? 1;
  const isComplete =
    counts.updatedReplicas === wanted && counts.replicas === wanted && counts.availableReplicas === wanted;
  if (isComplete) {
    return say("True", "NewReplicaSetAvailable", `ReplicaSet "${name}" has successfully progressed.`);
  }
  if (known?.status === "False" && !isFurther(deployment, counts)) return [known];
  const deadline = progressDeadline(deployment);
  if (deadline !== undefined && now >= deadline && !isFurther(deployment, counts)) {
    return say("False", "ProgressDeadlineExceeded", `ReplicaSet "${name}" has timed out progressing.`);
  }
  return say("True", "ReplicaSetUpdated", `ReplicaSet "${name}" is progressing.`);
}

function failures(sets: readonly ReplicaSet[]): DeploymentCondition[] {
  return sets
    .flatMap(({ status }) => status?.conditions ?? [])
    .filter(({ type }) => type === "ReplicaFailure")
    .slice(0, 1)
    .map(({ type, status, reason, message }) => ({
      type,
      status,
      ...(reason && { reason }),
      ...(message && { message }),
    }));
}

function isFurther({ status }: Deployment, counts: Counts): boolean {
  return (
    counts.updatedReplicas > (status?.updatedReplicas ?? 0) ||
    counts.readyReplicas > (status?.readyReplicas ?? 0) ||
    counts.availableReplicas > (status?.availableReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0)
  );
}

/** Progress moves the update time of its condition; nothing else does unless the condition itself changes. */
function dated(
  condition: DeploymentCondition,
  status: DeploymentStatus | undefined,
  counts: Counts,
  now: number,
): DeploymentCondition {
  const known = status?.conditions?.find(({ type }) => type === condition.type);
  const isSame = known?.status === condition.status && known.reason === condition.reason;
  const isProgress = condition.reason === "ReplicaSetUpdated" && isFurther({ status } as Deployment, counts);
  const time = formatTime(now);
  return {
    ...condition,
    lastUpdateTime: isSame && !isProgress ? (known.lastUpdateTime ?? time) : time,
    lastTransitionTime: known?.status === condition.status ? (known.lastTransitionTime ?? time) : time,
  };
}
