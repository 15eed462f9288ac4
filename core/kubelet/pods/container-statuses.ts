import { formatTime } from "../../api/time/timestamp.ts";
import type { ContainerState, ContainerStateTerminated, ContainerStatus } from "../../api/index.ts";
import { type ActualContainer, containersNamed, type PodActual } from "../actual/pod-actual.ts";
import type { ProbeVerdicts } from "./decisions.ts";
import type { PodContainer } from "./pod-containers.ts";

export interface StatusInput {
  readonly actual: PodActual;
  readonly probes: ProbeVerdicts;
  /** "containerd": the scheme of container ids. */
  readonly runtimeName: string;
  /** Why a container does not run, by name; wins over what follows from its state. */
  readonly waiting: Readonly<Record<string, { reason: string; message: string }>>;
  /** For a container that was never made. */
  readonly defaultWaiting: string;
  readonly previous: readonly ContainerStatus[];
  /** Text that an ended container left, by container id. */
  readonly terminationMessages: ReadonlyMap<string, string>;
  /** Containers whose start is under way: they are not ready before their postStart hook is done. */
  readonly busy: ReadonlySet<string>;
  readonly extra: (container: PodContainer) => Partial<ContainerStatus>;
}

/** The status of one container as the API shows it. */
export function containerStatus(container: PodContainer, input: StatusInput): ContainerStatus {
  const { name } = container.spec;
  const [newest, older] = containersNamed(input.actual, name);
  const before = input.previous.find((status) => status.name === name);
  const waiting = input.waiting[name];
  const own: ContainerState = newest ? stateOf(newest, input) : stateWithoutContainer(before, input, waiting);
  const held =
    waiting && !own.running ? { waiting: { reason: waiting.reason, message: waiting.message } } : own;
  const lastState = lastStateOf(held, own, older, before, newest, input);
  const running = newest?.phase === "running";
  // Before a probe has spoken (the node has just come back), what was reported of the same container stands.
  const same = newest && before?.containerID === `${input.runtimeName}://${newest.id}` ? before : undefined;
  const started = running && !input.busy.has(name) && hasStarted(container, newest, input.probes, same);
  return {
    name,
    state: held,
    lastState,
    ready: isReady(container, newest, started, input.probes, same),
    restartCount: Math.max(newest?.attempt ?? 0, before?.restartCount ?? 0),
    image: newest?.image || (container.spec.image ?? ""),
    imageID: newest?.imageRef ?? before?.imageID ?? "",
    ...containerId(newest, before, input),
    started,
    ...input.extra(container),
  };
}

function containerId(
  newest: ActualContainer | undefined,
  before: ContainerStatus | undefined,
  input: StatusInput,
): { containerID?: string } {
  if (newest) return { containerID: `${input.runtimeName}://${newest.id}` };
  return before?.containerID === undefined ? {} : { containerID: before.containerID };
}

function hasStarted(
  container: PodContainer,
  running: ActualContainer,
  probes: ProbeVerdicts,
  same: ContainerStatus | undefined,
): boolean {
  return !container.spec.startupProbe || (probes.startup(running.id) ?? same?.started ?? false);
}

function isReady(
  container: PodContainer,
  newest: ActualContainer | undefined,
  started: boolean,
  probes: ProbeVerdicts,
  same: ContainerStatus | undefined,
): boolean {
  if (!newest) return false;
  if (container.role === "init") return newest.phase === "exited" && newest.exitCode === 0;
  if (container.role === "ephemeral" || !started) return false;
  return !container.spec.readinessProbe || (probes.readiness(newest.id) ?? same?.ready ?? false);
}

function stateOf(container: ActualContainer, input: StatusInput): ContainerState {
  if (container.phase === "running") return { running: { startedAt: formatTime(container.startedAt) } };
  if (container.phase === "created") return { waiting: { reason: "ContainerCreating" } };
  if (container.phase === "exited") return { terminated: terminated(container, input) };
  return {
    terminated: {
      ...terminated(container, input),
      exitCode: 137,
      reason: "ContainerStatusUnavailable",
      message: "The runtime lost sight of the container; it is treated as killed",
    },
  };
}

/** The runtime has nothing of it: either it never was, or it was removed. */
function stateWithoutContainer(
  before: ContainerStatus | undefined,
  input: StatusInput,
  waiting: { reason: string } | undefined,
): ContainerState {
  if (before?.state?.terminated) return { terminated: before.state.terminated };
  if (!before?.state?.running || !before.containerID) {
    return { waiting: { reason: waiting?.reason ?? input.defaultWaiting } };
  }
  return {
    terminated: {
      exitCode: 137,
      reason: "ContainerStatusUnavailable",
      message: "The container was gone before its end could be read; it is treated as killed",
      containerID: before.containerID,
    },
  };
}

function terminated(container: ActualContainer, input: StatusInput): ContainerStateTerminated {
  const message = input.terminationMessages.get(container.id) || container.message;
  return {
    exitCode: container.exitCode,
    reason: container.reason || (container.exitCode === 0 ? "Completed" : "Error"),
    ...(message ? { message } : {}),
    startedAt: formatTime(container.startedAt),
    finishedAt: formatTime(container.finishedAt),
    containerID: `${input.runtimeName}://${container.id}`,
  };
}

/** The end before the present state: of the same container while it is held down, else of the one before it. */
function lastStateOf(
  held: ContainerState,
  own: ContainerState,
  older: ActualContainer | undefined,
  before: ContainerStatus | undefined,
  newest: ActualContainer | undefined,
  input: StatusInput,
): ContainerState {
  if (held.waiting && own.terminated) return { terminated: own.terminated };
  if (older && older.phase === "exited") return { terminated: terminated(older, input) };
  const newestId = newest && `${input.runtimeName}://${newest.id}`;
  const ended = before?.state?.terminated;
  if (ended && ended.containerID !== newestId) return { terminated: ended };
  const earlier = before?.lastState?.terminated;
  return earlier && earlier.containerID !== newestId ? { terminated: earlier } : {};
}
