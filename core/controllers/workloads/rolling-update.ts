import type { Deployment, ReplicaSet } from "../../api/index.ts";

/** How many pods a deployment may have beyond, and lack of, its number while it rolls over. */
export interface Slack {
  readonly surge: number;
  readonly unavailable: number;
}

export function slackOf({ spec }: Deployment): Slack {
  if (spec.strategy?.type === "Recreate") return { surge: 0, unavailable: 0 };
  const replicas = spec.replicas ?? 1;
  const { maxSurge = "25%", maxUnavailable = "25%" } = spec.strategy?.rollingUpdate ?? {};
  const surge = share(maxSurge, replicas, Math.ceil);
  const unavailable = Math.min(share(maxUnavailable, replicas, Math.floor), replicas);
  // Both zero would be a standstill, which rounding may bring about.
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

function share(value: number | string, whole: number, round: (value: number) => number): number {
  if (typeof value === "number") return value;
  return value.endsWith("%") ? round((Number(value.slice(0, -1)) * whole) / 100) : Number(value);
}

export interface Scale {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** To how many pods the new set may grow now; `all` includes it. */
export function newSetReplicas(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (deployment.spec.strategy?.type === "Recreate" || current > wanted) return wanted;
  const room = wanted + slackOf(deployment).surge - total(all);
  return current + Math.max(0, Math.min(room, wanted - current));
}

/** Which old sets may shrink now: first by pods that do not serve anyhow, then by as many as availability allows. */
export function oldSetScales(
  deployment: Deployment,
  newSet: ReplicaSet,
  oldSets: readonly ReplicaSet[],
): Scale[] {
  const least = (deployment.spec.replicas ?? 1) - slackOf(deployment).unavailable;
  const newUnavailable = replicasOf(newSet) - available(newSet);
  let spare = total(oldSets) + replicasOf(newSet) - least - newUnavailable;
  const sizes = new Map(byAge(oldSets).map((set) => [set, replicasOf(set)]));
  for (const [set, size] of sizes) {
    const cut = Math.max(0, Math.min(spare, size - available(set)));
    sizes.set(set, size - cut);
    spare -= cut;
  }
  const serving = [newSet, ...oldSets].reduce((sum, set) => sum + available(set), 0);
  let dispensable = Math.min(spare, serving - least);
  for (const [set, size] of sizes) {
    const cut = Math.max(0, Math.min(dispensable, size));
    sizes.set(set, size - cut);
    dispensable -= cut;
  }
  return [...sizes]
    .map(([set, replicas]) => ({ set, replicas }))
    .filter(({ set, replicas }) => replicas !== replicasOf(set));
}

/**
 * A deployment whose number changed in the middle of a roll-over: the change is shared out by the size of its sets,
 * so that none of them is risked more than the others. What rounding leaves goes to the largest.
 */
export function proportionalScales(deployment: Deployment, sets: readonly ReplicaSet[]): Scale[] {
  const active = sets.filter((set) => replicasOf(set) > 0);
  const wanted =
    (deployment.spec.replicas ?? 1) === 0 ? 0 : (deployment.spec.replicas ?? 1) + slackOf(deployment).surge;
  const current = total(active);
  const difference = wanted - current;
  if (difference === 0 || active.length === 0) return [];
  const sizes = active
    .toSorted((a, b) => replicasOf(b) - replicasOf(a))
    .map((set) => ({
      set,
      replicas: Math.max(0, replicasOf(set) + Math.trunc((difference * replicasOf(set)) / current)),
    }));
  const rest = wanted - sizes.reduce((sum, { replicas }) => sum + replicas, 0);
  sizes[0]!.replicas = Math.max(0, sizes[0]!.replicas + rest);
  return sizes.filter(({ set, replicas }) => replicas !== replicasOf(set));
}

export function replicasOf({ spec }: ReplicaSet): number {
  return spec?.replicas ?? 1;
}

export function total(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0);
}

function available({ status }: ReplicaSet): number {
  return status?.availableReplicas ?? 0;
}

/** Oldest first. */
export function byAge(sets: readonly ReplicaSet[]): ReplicaSet[] {
  const age = ({ metadata }: ReplicaSet): string => `${metadata.creationTimestamp} ${metadata.name}`;
  return sets.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}
