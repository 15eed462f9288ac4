import type { ContainerStatus, Pod, PodCondition } from "../../api/index.ts";
import type { PodPhase } from "./pod-phase.ts";

export interface ConditionInput {
  readonly pod: Pod;
  readonly phase: PodPhase;
  readonly init: readonly ContainerStatus[];
  readonly regular: readonly ContainerStatus[];
  readonly sandboxReady: boolean;
  /** Conditions as they stand now; those that are not the node's own are kept. */
  readonly previous: readonly PodCondition[];
  /** RFC 3339, seconds. */
  readonly now: string;
}

/** Conditions that the node alone decides. */
export const ownConditions: ReadonlySet<string> = new Set([
  "PodReadyToStartContainers",
  "Initialized",
  "Ready",
  "ContainersReady",
  "PodScheduled",
]);

type Verdict = Pick<PodCondition, "type" | "status" | "reason" | "message">;

/** All conditions of a pod; a transition time moves only when the status word changes. */
export function podConditions(input: ConditionInput): PodCondition[] {
  const containersReady = judgeContainers(input);
  const own: Verdict[] = [
    { type: "PodReadyToStartContainers", status: input.sandboxReady ? "True" : "False" },
    judgeInitialized(input),
    judgeReady(input, containersReady),
    containersReady,
    { type: "PodScheduled", status: "True" },
  ];
  const others = input.previous.filter((condition) => !ownConditions.has(condition.type));
  return [...own.map((verdict) => stamp(verdict, input)), ...others];
}

function stamp(verdict: Verdict, input: ConditionInput): PodCondition {
  const before = input.previous.find((condition) => condition.type === verdict.type);
  const generation = input.pod.metadata.generation;
  return {
    type: verdict.type,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    status: verdict.status,
    lastTransitionTime:
      before?.status === verdict.status && before.lastTransitionTime ? before.lastTransitionTime : input.now,
    ...(verdict.reason === undefined ? {} : { reason: verdict.reason }),
    ...(verdict.message === undefined ? {} : { message: verdict.message }),
  };
}

function judgeInitialized({ init, phase, pod, regular }: ConditionInput): Verdict {
  const type = "Initialized";
  if (phase === "Succeeded") return { type, status: "True", reason: "PodCompleted" };
  const begun = regular.some((status) => status.containerID);
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).flatMap((spec) => (spec.restartPolicy === "Always" ? [spec.name] : [])),
  );
  const incomplete = init.filter((status) => (sidecars.has(status.name) ? !status.started : !status.ready));
  if (incomplete.length === 0 || begun) return { type, status: "True" };
  return {
    type,
    status: "False",
    reason: phase === "Failed" ? "PodFailed" : "ContainersNotInitialized",
    message: `containers with incomplete status: [${incomplete.map((status) => status.name).join(" ")}]`,
  };
}

function judgeContainers({ init, phase, pod, regular }: ConditionInput): Verdict {
  const type = "ContainersReady";
  if (phase === "Succeeded") return { type, status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { type, status: "False", reason: "PodFailed" };
  const sidecars = new Set(
    (pod.spec?.initContainers ?? []).flatMap((spec) => (spec.restartPolicy === "Always" ? [spec.name] : [])),
  );
  const counted = [...init.filter((status) => sidecars.has(status.name)), ...regular];
  const unready = counted.filter((status) => !status.ready).map((status) => status.name);
  if (unready.length === 0) return { type, status: "True" };
  return {
    type,
    status: "False",
    reason: "ContainersNotReady",
    message: `containers with unready status: [${unready.join(" ")}]`,
  };
}

function judgeReady({ pod, previous }: ConditionInput, containersReady: Verdict): Verdict {
  const type = "Ready";
  if (containersReady.status !== "True") return { ...containersReady, type };
  const closed = (pod.spec?.readinessGates ?? []).filter(
    (gate) => previous.find((condition) => condition.type === gate.conditionType)?.status !== "True",
  );
  if (closed.length === 0) return { type, status: "True" };
  return {
    type,
    status: "False",
    reason: "ReadinessGatesNotReady",
    message: closed
      .map((gate) => `the status of pod readiness gate "${gate.conditionType}" is not "True"`)
      .join("; "),
  };
}
