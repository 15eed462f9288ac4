import type { Pod } from "../../api/index.ts";

export function isActive({ metadata, status }: Pod): boolean {
  return status?.phase !== "Succeeded" && status?.phase !== "Failed" && !metadata.deletionTimestamp;
}

export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
}

/** Milliseconds until a pod counts as available: 0 when it is, undefined while it is not even ready. */
export function availableIn(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = pod.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status !== "True") return undefined;
  if (minReadySeconds === 0) return 0;
  return Math.max(0, Date.parse(ready.lastTransitionTime ?? "") + minReadySeconds * 1000 - now);
}

/**
 * The pods to take away first stand first: those furthest from serving, then the cheapest by their own word, then
 * those of which most stand on one node, then the youngest.
 */
export function byDispensability(pods: readonly Pod[]): Pod[] {
  const perNode = new Map<string, number>();
  for (const { spec } of pods) perNode.set(spec.nodeName ?? "", (perNode.get(spec.nodeName ?? "") ?? 0) + 1);
  const ranks = new Map(pods.map((pod) => [pod, rank(pod, perNode)]));
  return pods.toSorted((a, b) => compareRanks(ranks.get(a)!, ranks.get(b)!));
}

const phases = ["Pending", "Unknown", "Running"];

function rank(pod: Pod, perNode: ReadonlyMap<string, number>): number[] {
  const cost = Number(pod.metadata.annotations?.["controller.kubernetes.io/pod-deletion-cost"] ?? 0);
  const restarts = Math.max(
    0,
    ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount ?? 0),
  );
  return [
    pod.spec.nodeName ? 1 : 0,
    phases.indexOf(pod.status?.phase ?? "Pending"),
    isReady(pod) ? 1 : 0,
    Number.isFinite(cost) ? cost : 0,
    -(perNode.get(pod.spec.nodeName ?? "") ?? 0),
    -restarts,
    -Date.parse(pod.metadata.creationTimestamp ?? "") || 0,
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, i) => value !== b[i]);
  return index < 0 ? 0 : a[index]! - b[index]!;
}
