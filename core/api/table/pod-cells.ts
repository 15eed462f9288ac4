import type { ContainerState, ContainerStatus, Pod } from "../generated/types.ts";
import { formatAge, parseTime } from "../time/timestamp.ts";
import { type Cells, cellsOf } from "./cell.ts";

/** What the columns READY, STATUS and RESTARTS say of a pod. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  readonly lastRestart: string | undefined;
}

/** Sums a pod up the way `kubectl get pods` does. */
export function summarizePod(pod: Pod): PodSummary {
  const sidecars = sidecarNames(pod);
  const total = pod.spec.containers.length + sidecars.size;
  const initStatuses = pod.status?.initContainerStatuses ?? [];
  const containerStatuses = pod.status?.containerStatuses ?? [];
  const waitingFor = initialization(pod, initStatuses, sidecars);
  const liveSidecars = initStatuses.filter(({ name }) => sidecars.has(name));
  const isInitialized = !waitingFor || conditionIs(pod, "Initialized");
  const counted = isInitialized ? [...liveSidecars, ...containerStatuses] : initStatuses;
  const running = containerStatuses.filter((status) => status.ready && status.state?.running);
  return {
    ready: isInitialized
      ? running.length + liveSidecars.filter((status) => status.started && status.ready).length
      : 0,
    total,
    status: statusText(pod, waitingFor, running.length > 0),
    restarts: counted.reduce((sum, status) => sum + status.restartCount, 0),
    lastRestart: latestRestart(counted),
  };
}

function statusText(pod: Pod, waitingFor: string | undefined, anyRunning: boolean): string {
  const phase = pod.status?.phase ?? "Pending";
  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === "NodeLost") return "Unknown";
    if (phase !== "Succeeded" && phase !== "Failed") return "Terminating";
  }
  const gated = pod.status?.conditions?.find(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  const base = gated ? "SchedulingGated" : pod.status?.reason || phase;
  if (waitingFor && !conditionIs(pod, "Initialized")) return waitingFor;
  const told = containerReason(pod.status?.containerStatuses ?? []) ?? waitingFor ?? base;
  if (told !== "Completed" || !anyRunning) return told;
  return conditionIs(pod, "Ready") ? "Running" : "NotReady";
}

/** The first init container that is not through, as `Init:…`; undefined when all are. */
function initialization(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  sidecars: ReadonlySet<string>,
): string | undefined {
  const count = pod.spec.initContainers?.length ?? 0;
  for (const [index, { name, state, started }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0 || (sidecars.has(name) && started)) continue;
    if (state?.terminated) return `Init:${terminationReason(state)}`;
    const reason = state?.waiting?.reason;
    return reason && reason !== "PodInitializing" ? `Init:${reason}` : `Init:${index}/${count}`;
  }
  return undefined;
}

/** What the first container that waits or has ended says. */
function containerReason(statuses: readonly ContainerStatus[]): string | undefined {
  for (const { state } of statuses) {
    if (state?.waiting?.reason) return state.waiting.reason;
    if (state?.terminated) return terminationReason(state);
  }
  return undefined;
}

function terminationReason({ terminated }: ContainerState): string {
  if (terminated!.reason) return terminated!.reason;
  return terminated!.signal ? `Signal:${terminated!.signal}` : `ExitCode:${terminated!.exitCode}`;
}

function sidecarNames(pod: Pod): ReadonlySet<string> {
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return new Set(sidecars.map(({ name }) => name));
}

function conditionIs(pod: Pod, type: string): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ??
    false
  );
}

function latestRestart(statuses: readonly ContainerStatus[]): string | undefined {
  const ends = statuses.flatMap(({ lastState }) => lastState?.terminated?.finishedAt ?? []);
  return ends.toSorted((a, b) => (parseTime(b) ?? 0) - (parseTime(a) ?? 0))[0];
}

export const podCells: Cells = cellsOf<Pod>({
  Ready: (pod) => {
    const { ready, total } = summarizePod(pod);
    return `${ready}/${total}`;
  },
  Status: (pod) => summarizePod(pod).status,
  Restarts: (pod, now) => {
    const { restarts, lastRestart } = summarizePod(pod);
    return restarts > 0 && lastRestart
      ? `${restarts} (${formatAge(lastRestart, now)} ago)`
      : String(restarts);
  },
  IP: (pod) => pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? "<none>",
  Node: "spec.nodeName",
  "Nominated Node": "status.nominatedNodeName",
  "Readiness Gates": (pod) => {
    const gates = pod.spec.readinessGates ?? [];
    if (gates.length === 0) return "<none>";
    return `${gates.filter(({ conditionType }) => conditionIs(pod, conditionType)).length}/${gates.length}`;
  },
});
