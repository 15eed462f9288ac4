import { Emitter } from "@berth/base";
import type { PluginLink } from "../call/plugin-link.ts";
import type { PluginView } from "../contracts/plugin-host.ts";
import type { PluginState } from "../contracts/plugin-types.ts";

type Shown = Omit<PluginView, "calls" | "failedCalls" | "p50Ms">;

/** What is known about one plugin, as everybody else sees it. */
export class PluginStatus {
  readonly #link: PluginLink;
  readonly #changed = new Emitter<PluginView>();
  #shown: Shown;

  readonly onDidChange = this.#changed.event;

  constructor(link: PluginLink, identity: Pick<Shown, "name" | "contract" | "mode">) {
    this.#link = link;
    this.#shown = {
      ...identity,
      state: "starting",
      reason: "",
      code: undefined,
      observedGeneration: 0,
      updateFailure: undefined,
      simulated: false,
      unverified: false,
      version: undefined,
      contractVersions: {},
      incarnation: 0,
      pid: undefined,
      startedAt: undefined,
      restarts: 0,
      capabilities: [],
      grants: [],
      isolation: [],
      facts: {},
      lastCause: undefined,
      telemetry: {},
    };
  }

  get state(): PluginState {
    return this.#shown.state;
  }

  get view(): PluginView {
    const { calls, failedCalls, p50Ms } = this.#link.metrics;
    const shown = { ...this.#shown, calls, failedCalls, p50Ms };
    // Both are of a process: where there is none, nothing is in force.
    return shown.pid === undefined ? { ...shown, grants: [], isolation: [] } : shown;
  }

  /** No news for others: it is read when somebody looks. */
  noteTelemetry(telemetry: Shown["telemetry"]): void {
    this.#shown = { ...this.#shown, telemetry };
  }

  /** What the definition of this generation asks for is done, or has failed. */
  observe(observedGeneration: number): void {
    const { state, reason, code } = this.#shown;
    this.set(state, reason, { code, observedGeneration });
  }

  /** Tells the others only what is news. */
  set(state: PluginState, reason: string, more: Partial<Shown> = {}): void {
    const next: Shown = { ...this.#shown, code: undefined, ...more, state, reason };
    const keys = Object.keys(next) as (keyof Shown)[];
    const same = keys.every((key) => Object.is(next[key], this.#shown[key]));
    this.#shown = next;
    if (!same) this.#changed.fire(this.view);
  }
}
