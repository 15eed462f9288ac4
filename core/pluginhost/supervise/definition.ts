import { type BerthError, isBerthError, withNextStep } from "@berth/base";
import type { DesiredPlugin } from "../contracts/plugin-host.ts";
import { asksForRestart, changeName, type LaunchPlan } from "./launch-plan.ts";
import { type Planned, specToPlan, withDaemonSockets } from "./spec-to-plan.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/** What the object of one plugin says, and the plan that follows from it; or why none does. */
export class Definition {
  readonly #parts: SupervisorParts;
  #desired: DesiredPlugin;
  #planned: Planned | undefined;
  #refused: BerthError | undefined;
  #waits: string | undefined;

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

  /** Why no process of it is to run; undefined when one is. */
  get outOfService(): { state: "disabled" | "stopped"; reason: string } | undefined {
    return outOfService(this.#desired);
  }

  get needs(): readonly string[] {
    return this.#planned?.needs ?? [];
  }

  /** Why it is refused, with what to do next; undefined when it is not. */
  get refused(): string | undefined {
    return this.#refused && withNextStep(this.#refused);
  }

  /** Why the definition is not what runs, when it is not about to be. */
  get behind(): string | undefined {
    return this.refused ?? this.#waits;
  }

  /** Whether a process of the one plan may be replaced by one of the other now. */
  lets(former: LaunchPlan, next: LaunchPlan): boolean {
    const { spec, generation, updateAsked } = this.#desired;
    const mayGo =
      spec.updatePolicy !== "OnDelete" || updateAsked === generation || asksForRestart(former, next);
    this.#waits = mayGo
      ? undefined
      : `the ${changeName(former, next)} waits until this PluginInstance is deleted`;
    return mayGo;
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
    this.#waits = undefined;
  }

  /** Made once for each definition that is not refused. Undefined when it is; an operator is told once. */
  async plan(): Promise<Planned | undefined> {
    const desired = this.#desired;
    try {
      const planned = this.#planned ?? (await specToPlan(desired, this.#parts));
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

export function outOfService({
  spec,
  stopped,
}: DesiredPlugin): { state: "disabled" | "stopped"; reason: string } | undefined {
  if (spec.disabled)
    return { state: "disabled", reason: "spec.disabled is true: taken out of service on purpose" };
  return stopped === undefined ? undefined : { state: "stopped", reason: stopped };
}
