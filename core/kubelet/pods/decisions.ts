import type { Pod } from "../../api/index.ts";
import { type ActualContainer, newestContainer, type PodActual } from "../actual/pod-actual.ts";
import { type PodContainer, podNamespace, podUid } from "./pod-containers.ts";

/** What the probes of running containers have found, by container id; undefined before the first verdict. */
export interface ProbeVerdicts {
  startup(containerId: string): boolean | undefined;
  liveness(containerId: string): boolean | undefined;
  readiness(containerId: string): boolean | undefined;
}

export interface DecisionInput {
  readonly pod: Pod;
  readonly actual: PodActual;
  /** Names of containers on which an operation is under way: nothing is decided about them. */
  readonly busy: ReadonlySet<string>;
  readonly probes: ProbeVerdicts;
  readonly backoff: { delay(container: string, finishedAt: number): number };
  /** Starts reported before, for containers that the runtime no longer knows. */
  readonly restarts: Readonly<Record<string, number>>;
  /** Digest of a container's specification as it would be created now. */
  readonly hash: (container: PodContainer) => string;
  readonly now: number;
}

export interface StartDecision {
  readonly container: PodContainer;
  readonly attempt: number;
  /** A container that was created but never started stands in the way and goes first. */
  readonly replaces: string | undefined;
  readonly restart: boolean;
}

export interface KillDecision {
  readonly id: string;
  readonly container: PodContainer;
  readonly reason: "liveness" | "startup" | "changed" | "finished";
  /** For the event. */
  readonly message: string;
}

export interface PodActions {
  /** Attempt number of a sandbox that must be made; the ones before it are ended first. */
  readonly createSandbox: number | undefined;
  readonly start: readonly StartDecision[];
  readonly kill: readonly KillDecision[];
  /** Why a container is not started now, by name. */
  readonly waiting: Readonly<Record<string, { reason: string; message: string }>>;
  /** When the answer changes by time alone; milliseconds since the epoch. */
  readonly wakeAt: number | undefined;
  /** Nothing runs and nothing will: sandbox and volumes can go. */
  readonly finished: boolean;
}

/** Collects decisions while the containers of a pod are looked at one by one. */
export class ActionDraft {
  createSandbox: number | undefined;
  readonly start: StartDecision[] = [];
  readonly kill: KillDecision[] = [];
  readonly waiting: Record<string, { reason: string; message: string }> = {};
  wakeAt: number | undefined;
  finished = false;

  wakeBy(at: number): void {
    this.wakeAt = Math.min(this.wakeAt ?? Number.POSITIVE_INFINITY, at);
  }
}

export function decideRunning(
  input: DecisionInput,
  container: PodContainer,
  running: ActualContainer,
  draft: ActionDraft,
): void {
  const { name } = container.spec;
  const kill = (reason: KillDecision["reason"], message: string): void => {
    draft.kill.push({ id: running.id, container, reason, message });
  };
  if (running.hash !== "" && running.hash !== input.hash(container)) {
    kill("changed", `Container ${name} definition changed, will be restarted`);
  } else if (input.probes.startup(running.id) === false) {
    kill("startup", `Container ${name} failed startup probe, will be restarted`);
  } else if (input.probes.liveness(running.id) === false) {
    kill("liveness", `Container ${name} failed liveness probe, will be restarted`);
  }
}

/** Starts a container now, or says until when it is kept down. */
export function decideStart(
  input: DecisionInput,
  container: PodContainer,
  last: ActualContainer | undefined,
  draft: ActionDraft,
): void {
  const { name } = container.spec;
  if (!last) {
    const before = newestContainer(input.actual, name)?.attempt ?? input.restarts[name];
    const attempt = before === undefined ? 0 : before + 1;
    draft.start.push({ container, attempt, replaces: undefined, restart: attempt > 0 });
    return;
  }
  if (last.phase === "created") {
    draft.start.push({ container, attempt: last.attempt, replaces: last.id, restart: false });
    return;
  }
  const delay = input.backoff.delay(name, last.finishedAt);
  if (last.finishedAt + delay > input.now) {
    draft.waiting[name] = {
      reason: "CrashLoopBackOff",
      message: `back-off ${duration(delay)} restarting failed container=${name} pod=${input.pod.metadata.name}_${podNamespace(input.pod)}(${podUid(input.pod)})`,
    };
    draft.wakeBy(last.finishedAt + delay);
    return;
  }
  draft.start.push({ container, attempt: last.attempt + 1, replaces: undefined, restart: true });
}

/** 10s, 1m20s, 5m0s. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
