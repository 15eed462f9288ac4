import { type BerthError, isBerthError, withNextStep } from "@berth/base";
import type { DesiredPlugin } from "../contracts/plugin-host.ts";
import { planLaunch, type Planned, withDaemonSockets } from "./plan-launch.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/** What the object of one plugin says, and the plan that follows from it; or why none does. */
export class Definition {
  readonly #parts: SupervisorParts;
  #desired: DesiredPlugin;
  #planned: Planned | undefined;
  #refused: BerthError | undefined;

  constructor(desired: DesiredPlugin, parts: SupervisorParts) {
    this.#desired = desired;
    this.#parts = parts;
  }

  get name(): string {
    return this.#desired.name;
  }

  get spec(): DesiredPlugin["spec"] {
    return this.#desired.spec;
  }

  get needs(): readonly string[] {
    return this.#planned?.needs ?? [];
  }

  get grants(): readonly string[] {
    return this.#planned?.grants ?? [];
  }

  /** Why it is refused, with what to do next; undefined when it is not. */
  get refused(): string | undefined {
    return this.#refused && withNextStep(this.#refused);
  }

  /** Of the catalogue, for what it is refused. */
  get code(): string | undefined {
    return this.#refused?.code;
  }

  get generation(): number {
    return this.#desired.generation;
  }

  change(desired: DesiredPlugin): void {
    this.#desired = desired;
    this.#planned = undefined;
    this.#refused = undefined;
  }

  /** Made once for each definition that is not refused. Undefined when it is; an operator is told once. */
  async plan(): Promise<Planned | undefined> {
    const desired = this.#desired;
    try {
      const planned = this.#planned ?? (await planLaunch(desired, this.#parts));
      // Meanwhile it may have become another one, which is planned next.
      if (desired === this.#desired) this.#planned = planned;
      this.#refused = undefined;
      return withDaemonSockets(planned, this.#parts.daemons);
    } catch (error) {
      if (!isBerthError(error)) throw error;
      const before = this.refused;
      this.#refused = error;
      const sentence = withNextStep(error);
      if (before !== sentence) this.#parts.report("Warning", "PluginRefused", sentence);
      return undefined;
    }
  }
}
