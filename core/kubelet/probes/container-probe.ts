import type { Clock, Disposable, Timer } from "@berth/base";
import type { Pod, Probe } from "../../api/index.ts";
import type { PodEvents } from "../events/pod-events.ts";
import type { ProbeRunner, ProbeTarget } from "./probe-run.ts";
import { judge, type ProbeState, unjudged } from "./probe-verdict.ts";

export type ProbeKind = "startup" | "liveness" | "readiness";

export interface ContainerProbeParts {
  readonly clock: Clock;
  readonly events: PodEvents;
  readonly runner: ProbeRunner;
}

/** One probe of one running container, asked at its period from the start of the container on. */
export class ContainerProbe implements Disposable {
  readonly label: string;
  readonly #parts: ContainerProbeParts;
  readonly #pod: Pod;
  readonly #kind: ProbeKind;
  readonly #probe: Probe;
  readonly #target: ProbeTarget;
  readonly #changed: () => void;
  readonly #stop = new AbortController();
  #state: ProbeState = unjudged;
  #timer: Timer | undefined;

  constructor(
    parts: ContainerProbeParts,
    about: { pod: Pod; kind: ProbeKind; probe: Probe; target: ProbeTarget; startedAt: number },
    changed: () => void,
  ) {
    this.#parts = parts;
    this.#pod = about.pod;
    this.#kind = about.kind;
    this.#probe = about.probe;
    this.#target = about.target;
    this.#changed = changed;
    this.label = `${about.kind} probe of ${about.target.container.name}`;
    const first = about.startedAt + (about.probe.initialDelaySeconds ?? 0) * 1000;
    this.#plan(Math.max(0, first - parts.clock.now()));
  }

  get verdict(): boolean | undefined {
    return this.#state.verdict;
  }

  dispose(): void {
    this.#timer?.cancel();
    this.#stop.abort(new Error("the probe is not wanted any more"));
  }

  #plan(ms: number): void {
    if (this.#stop.signal.aborted) return;
    this.#timer = this.#parts.clock.after(ms, () => void this.#ask());
  }

  async #ask(): Promise<void> {
    const begun = this.#parts.clock.monotonic();
    const outcome = await this.#parts.runner.run(this.#probe, this.#target, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    if (outcome) {
      if (!outcome.success) this.#tell(outcome.message);
      const before = this.#state.verdict;
      this.#state = judge(this.#state, outcome.success, this.#probe);
      if (this.#state.verdict !== before) this.#changed();
      // A started container is not asked again; a failed one is about to be killed.
      if (this.#kind === "startup" && this.#state.verdict !== undefined) return;
    }
    const period = (this.#probe.periodSeconds ?? 10) * 1000;
    this.#plan(Math.max(0, period - (this.#parts.clock.monotonic() - begun)));
  }

  #tell(message: string): void {
    const name = `${this.#kind[0]!.toUpperCase()}${this.#kind.slice(1)}`;
    this.#parts.events.record(this.#pod, {
      type: "Warning",
      reason: "Unhealthy",
      message: `${name} probe failed: ${message}`,
      container: this.#target.container.name,
    });
  }
}
