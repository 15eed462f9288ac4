import type { Node, Pod, Taint, Toleration } from "../../api/index.ts";
import { tolerates } from "../../api/scheduling/tolerations.ts";

const prefix = "node.kubernetes.io/";
export const notReady = `${prefix}not-ready`;
export const unreachable = `${prefix}unreachable`;

/** Pods that say nothing of an unready node are given this long, as admission would have written into them. */
const defaultTolerationSeconds = 300;

const pressures: Readonly<Record<string, string>> = {
  MemoryPressure: "memory-pressure",
  DiskPressure: "disk-pressure",
  PIDPressure: "pid-pressure",
  NetworkUnavailable: "network-unavailable",
};

const owned = new Set([
  notReady,
  unreachable,
  `${prefix}unschedulable`,
  ...Object.values(pressures).map((name) => prefix + name),
]);

/** What a node's conditions and its cordon say as taints, beside those that others have put on it. */
export function wantedTaints(node: Node, now: string): Taint[] {
  const known = node.spec?.taints ?? [];
  const wanted = conditionTaints(node).map(
    (taint) =>
      known.find(({ key, effect }) => key === taint.key && effect === taint.effect) ??
      (taint.effect === "NoExecute" ? { ...taint, timeAdded: now } : taint),
  );
  return [...known.filter(({ key }) => !owned.has(key)), ...wanted];
}

function conditionTaints(node: Node): Taint[] {
  const taints: Taint[] = [];
  const statusOf = (type: string): string | undefined =>
    node.status?.conditions?.find((condition) => condition.type === type)?.status;
  const ready = statusOf("Ready");
  if (ready !== "True") {
    const key = ready === "Unknown" ? unreachable : notReady;
    taints.push({ key, effect: "NoSchedule" });
    // A node that has not told of itself yet has nothing that would have to leave.
    if (ready !== undefined) taints.push({ key, effect: "NoExecute" });
  }
  for (const [type, name] of Object.entries(pressures)) {
    if (statusOf(type) === "True") taints.push({ key: prefix + name, effect: "NoSchedule" });
  }
  if (node.spec?.unschedulable) taints.push({ key: `${prefix}unschedulable`, effect: "NoSchedule" });
  return taints;
}

/** When a pod has to leave its node, on the clock of `since`, in milliseconds; undefined while it may stay. */
export function evictionTime(
  pod: Pod,
  taints: readonly Taint[],
  since: (taint: Taint) => number,
): number | undefined {
  const times = taints
    .filter(({ effect }) => effect === "NoExecute")
    .flatMap((taint) => {
      const seconds = toleratedSeconds(pod.spec.tolerations ?? [], taint);
      return seconds === undefined ? [] : [since(taint) + seconds * 1000];
    });
  return times.length > 0 ? Math.min(...times) : undefined;
}

/** 0 when not at all, undefined when for ever. */
function toleratedSeconds(tolerations: readonly Toleration[], taint: Taint): number | undefined {
  const covering = tolerations.filter((toleration) => tolerates(toleration, taint));
  if (covering.length === 0) {
    return taint.key === notReady || taint.key === unreachable ? defaultTolerationSeconds : 0;
  }
  const limits = covering.flatMap(({ tolerationSeconds }) =>
    tolerationSeconds === undefined ? [] : [Math.max(0, tolerationSeconds)],
  );
  return limits.length > 0 ? Math.min(...limits) : undefined;
}
