import type { Condition, Pod, PodDisruptionBudget } from "../../api/index.ts";
import { withCondition } from "../shared/conditions.ts";
import { isReady } from "../workloads/pod-states.ts";

/** For a pod that was evicted to be marked as deleted; after that it is believed to stay. */
const evictionMs = 120_000;

export interface BudgetFacts {
  readonly budget: PodDisruptionBudget;
  /** Those that the budget selects. */
  readonly pods: readonly Pod[];
  /** How many pods the controllers of these want together; a sentence where that cannot be known. */
  readonly wanted: number | string;
  readonly now: number;
}

/** Whether it matters to a budget how many pods there should be; one that names a number of them counts what is there. */
export function asksForWanted({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === "string";
}

/** What a budget allows now: policy/v1, PodDisruptionBudgetStatus. */
export function budgetStatus({
  budget,
  pods,
  wanted,
  now,
}: BudgetFacts): NonNullable<PodDisruptionBudget["status"]> {
  const { spec, metadata, status } = budget;
  const running = pods.filter((pod) => pod.status?.phase !== "Succeeded" && pod.status?.phase !== "Failed");
  const disrupted = Object.entries(status?.disruptedPods ?? {}).filter(([name, since]) => {
    const pod = running.find((one) => one.metadata.name === name);
    return pod && !pod.metadata.deletionTimestamp && now - Date.parse(since) < evictionMs;
  });
  const going = new Set(disrupted.map(([name]) => name));
  const healthy = running.filter(
    (pod) => isReady(pod) && !pod.metadata.deletionTimestamp && !going.has(pod.metadata.name),
  );
  const counts = expectation(spec, running.length, wanted);
  const observed = {
    disruptedPods: Object.fromEntries(disrupted),
    currentHealthy: healthy.length,
    observedGeneration: metadata.generation ?? 0,
  };
  const before = status?.conditions;
  if (typeof counts === "string") {
    const conditions = allowed(
      before,
      false,
      { reason: "SyncFailed", message: counts },
      now,
      metadata.generation,
    );
    return { ...status, ...observed, disruptionsAllowed: 0, conditions };
  }
  const { expected, desired } = counts;
  const disruptionsAllowed = expected === 0 ? 0 : Math.max(0, healthy.length - desired);
  const reason = disruptionsAllowed > 0 ? "SufficientPods" : "InsufficientPods";
  const conditions = allowed(
    before,
    disruptionsAllowed > 0,
    { reason, message: "" },
    now,
    metadata.generation,
  );
  return { ...observed, disruptionsAllowed, desiredHealthy: desired, expectedPods: expected, conditions };
}

function expectation(
  { minAvailable, maxUnavailable }: PodDisruptionBudget["spec"],
  present: number,
  wanted: number | string,
): { expected: number; desired: number } | string {
  if (maxUnavailable === undefined && typeof minAvailable !== "string")
    return { expected: present, desired: minAvailable ?? 0 };
  if (typeof wanted === "string") return wanted;
  if (maxUnavailable === undefined) return { expected: wanted, desired: scaled(minAvailable!, wanted) };
  return { expected: wanted, desired: Math.max(0, wanted - scaled(maxUnavailable, wanted)) };
}

/** "30%" of a whole, rounded up. */
function scaled(value: number | string, whole: number): number {
  return typeof value === "number" ? value : Math.ceil((Number.parseInt(value, 10) * whole) / 100);
}

function allowed(
  before: readonly Condition[] | undefined,
  holds: boolean,
  words: { reason: string; message: string },
  now: number,
  observedGeneration = 0,
): Condition[] {
  const status = holds ? "True" : "False";
  const condition = {
    type: "DisruptionAllowed",
    status,
    ...words,
    observedGeneration,
    lastTransitionTime: "",
  };
  return [...withCondition(before, condition as Condition, now)];
}
