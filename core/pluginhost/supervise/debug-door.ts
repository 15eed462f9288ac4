import { BerthError } from "@berth/base";
import type { DebugEvent } from "../contracts/plugin-tools.ts";
import { cannotDebug } from "../errors.ts";
import { type DebugHost, DebugSession } from "./debug-session.ts";
import type { HealthNumbers } from "./health-account.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/** Lets at most one author at a time put his own process in the place of a managed one. */
export class DebugDoor {
  readonly #plugin: string;
  readonly #halted: AbortSignal;
  #session: DebugSession | undefined;

  /** `halted` ends any session: the host goes. */
  constructor(plugin: string, halted: AbortSignal) {
    this.#plugin = plugin;
    this.#halted = halted;
  }

  /** Throws BERTH_PLUGIN_DEBUG while another session lasts. */
  open(signal: AbortSignal): AsyncIterable<DebugEvent> {
    if (this.isOpen) throw new BerthError(cannotDebug, `plugin ${this.#plugin} is under debug already`);
    this.#session = new DebugSession(AbortSignal.any([signal, this.#halted]));
    return this.#session.events();
  }

  get isOpen(): boolean {
    return this.#session?.over.aborted === false;
  }

  /** A breakpoint is no illness: whoever is debugged may stay silent for as long as he likes. */
  health(usual: HealthNumbers): HealthNumbers {
    return this.isOpen ? { ...usual, misses: Number.POSITIVE_INFINITY } : usual;
  }

  /** Resolves when the session is over and none of its processes is left. */
  async host(parts: SupervisorParts, plan: LaunchPlan, host: DebugHost): Promise<void> {
    const session = this.#session;
    if (!session) return;
    try {
      await host.begin();
      await session.run(parts, plan, host);
    } catch (error) {
      session.fail(error);
    } finally {
      this.#session = undefined;
    }
  }
}
