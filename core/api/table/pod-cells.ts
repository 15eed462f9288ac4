import type { ContainerState, ContainerStatus, Pod, TableRowCondition } from "../generated/types.ts";
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
  const containerStatuses = pod.status?.containerStatuses ?? [];
  const start = initialization(pod, sidecars);
  const isInitialized = start.waitingFor === undefined || conditionIs(pod, "Initialized");
  const counted = isInitialized
    ? [...start.seen.filter(({ name }) => sidecars.has(name)), ...containerStatuses]
    : start.seen;
  const running = isInitialized ? containerStatuses.filter(isRunning) : [];
  return {
    ready: start.readySidecars + running.length,
    total: pod.spec.containers.length + sidecars.size,
    status: statusText(pod, start.waitingFor, isInitialized, running.length > 0),
    restarts: counted.reduce((sum, { restartCount }) => sum + restartCount, 0),
    lastRestart: latestRestart(counted),
  };
}

const isRunning = ({ ready, state }: ContainerStatus): boolean => ready && state?.running !== undefined;

function statusText(
  pod: Pod,
  waitingFor: string | undefined,
  isInitialized: boolean,
  anyRunning: boolean,
): string {
  const phase = pod.status?.phase ?? "";
  if (pod.metadata.deletionTimestamp) {
    if (pod.status?.reason === "NodeLost") return "Unknown";
    if (phase !== "Succeeded" && phase !== "Failed") return "Terminating";
  }
  const isGated = pod.status?.conditions?.some(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  const base = waitingFor ?? (isGated ? "SchedulingGated" : pod.status?.reason || phase);
  if (!isInitialized) return base;
  const statuses = pod.status?.containerStatuses ?? [];
  const told = containerReason(statuses) ?? base;
  if (told !== "Completed") return told;
  if (anyRunning && conditionIs(pod, "Ready")) return "Running";
  return containerReason(statuses.filter(hasFailed)) ?? (anyRunning ? "NotReady" : told);
}

const hasFailed = ({ state }: ContainerStatus): boolean =>
  !state?.waiting?.reason && state?.terminated !== undefined && state.terminated.exitCode !== 0;

interface Initialization {
  /** What the first init container that is not through does, as `Init:…`; undefined when all are. */
  readonly waitingFor: string | undefined;
  /** The init containers up to that one. */
  readonly seen: readonly ContainerStatus[];
  readonly readySidecars: number;
}

function initialization(pod: Pod, sidecars: ReadonlySet<string>): Initialization {
  const statuses = pod.status?.initContainerStatuses ?? [];
  const count = pod.spec.initContainers?.length ?? 0;
  let readySidecars = 0;
  for (const [index, { name, state, started, ready }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(name) && started) {
      if (ready) readySidecars++;
      continue;
    }
    const reason = state?.terminated ? terminationReason(state) : state?.waiting?.reason;
    const isTold = reason && (state?.terminated || reason !== "PodInitializing");
    const waitingFor = `Init:${isTold ? reason : `${index}/${count}`}`;
    return { waitingFor, seen: statuses.slice(0, index + 1), readySidecars };
  }
  return { waitingFor: undefined, seen: statuses, readySidecars };
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
  IP: (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || "<none>",
  Node: "spec.nodeName",
  "Nominated Node": "status.nominatedNodeName",
  "Readiness Gates": (pod) => {
    const gates = pod.spec.readinessGates ?? [];
    if (gates.length === 0) return "<none>";
    return `${gates.filter(({ conditionType }) => conditionIs(pod, conditionType)).length}/${gates.length}`;
  },
});

/** What a row says of a pod that has come to its end. */
export function podConditions({ status }: Pod): TableRowCondition[] | undefined {
  const messages: Readonly<Record<string, string>> = {
    Succeeded: "The pod has completed successfully.",
    Failed: "The pod failed.",
  };
  const message = messages[status?.phase ?? ""];
  if (message === undefined) return undefined;
  return [{ type: "Completed", status: "True", reason: status!.phase!, message }];
}
