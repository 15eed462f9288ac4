import { errorMessage, pause } from "@berth/base";
import type { PluginLink } from "../call/plugin-link.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Live } from "./bring-live.ts";
import type { Definition } from "./definition.ts";
import type { Incarnation } from "./incarnation.ts";
import type { InService } from "./in-service.ts";
import { asksForRestart, changeName, type LaunchPlan, planChange } from "./launch-plan.ts";
import type { PluginStatus } from "./plugin-status.ts";
import { drain } from "./retire.ts";
import type { Introduction } from "./session.ts";
import type { Setbacks } from "./setbacks.ts";
import { failureOf, introduceTo, type Started } from "./start-incarnation.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

export interface SuccessionParts {
  readonly definition: Definition;
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly setbacks: Setbacks;
  readonly inService: InService;
  readonly start: (plan: LaunchPlan, number: number) => Promise<Started>;
  /** Never rejects: an incarnation that cannot do what its contract needs is ended as one that crashed. */
  readonly goLive: (incarnation: Incarnation, introduction: Introduction) => Promise<void>;
  readonly retire: (incarnation: Incarnation, reason: string) => Promise<unknown>;
}

/**
 * Brings a plugin that serves to another plan: by a new configuration where its process can take one, else by a new
 * process beside it. One that fails leaves the former plan in force, with the reason.
 */
export class Succession {
  readonly #parts: SupervisorParts;
  readonly #own: SuccessionParts;
  /** Of the plan that was compared with the living process last: each planning makes a new one. */
  #compared: Manifest | undefined;

  constructor(parts: SupervisorParts, own: SuccessionParts) {
    this.#parts = parts;
    this.#own = own;
  }

  async converge(live: Live, plan: LaunchPlan): Promise<void> {
    if (this.#compared === plan.manifest) return;
    this.#compared = plan.manifest;
    const former = live.incarnation.plan;
    const change = planChange(former, plan);
    if (change === "configure") await this.#reconfigure(live, plan);
    if (change === "replace" && this.#own.definition.lets(former, plan)) await this.#replace(live, plan);
  }

  /** The former plan is in force again. */
  rollBack(former: LaunchPlan, reason: string): void {
    const { setbacks, inService, status } = this.#own;
    setbacks.rollBack(former, reason);
    this.#parts.report("Warning", "PluginUpdateFailed", reason);
    if (inService.live) status.set("degraded", reason, { updateFailure: reason });
  }

  async #reconfigure(live: Live, plan: LaunchPlan): Promise<void> {
    const { incarnation } = live;
    const former = incarnation.plan;
    incarnation.reconfigured(plan.config);
    let introduction: Introduction;
    try {
      introduction = await introduceTo(this.#parts, incarnation, plan.manifest.startBudgetSeconds * 1000);
    } catch (error) {
      incarnation.reconfigured(former.config);
      return this.rollBack(former, `it keeps its former configuration: ${errorMessage(error)}`);
    }
    this.#own.link.gate.hold();
    live.letGo();
    await this.#own.goLive(incarnation, introduction);
  }

  /** Make before break: the next incarnation is introduced beside the one that serves, then takes over. */
  async #replace(live: Live, plan: LaunchPlan): Promise<void> {
    const { memory, report } = this.#parts;
    const { link, inService, setbacks, start, retire } = this.#own;
    const former = live.incarnation;
    const isRestart = asksForRestart(former.plan, plan);
    const names = changeName(former.plan, plan);
    const started = await start(plan, memory.nextIncarnation());
    if (!started.ok) {
      const reason = `${names} failed, the former keeps serving: ${failureOf(started, this.#parts)}`;
      return this.rollBack(former.plan, reason);
    }
    link.gate.hold();
    link.endStreams("it is being replaced");
    try {
      await drain(former, await this.#finishCalls());
      await inService.begin(started.incarnation, started.introduction);
    } catch (error) {
      const { message } = await started.incarnation.end(errorMessage(error));
      this.rollBack(former.plan, `${names} failed in the handover, the former is started again: ${message}`);
      live.letGo();
      inService.suspend();
      // Calls wait on at the held gate until the former version serves again or fails to.
      memory.change({ lastCause: await former.end("drained for an update that failed") });
      return;
    }
    // After a restart there is no former version to go back to.
    if (!isRestart) setbacks.updated(former.plan);
    live.letGo();
    await retire(former, isRestart ? "restart" : `replaced by ${plan.manifest.version}`);
    report("Normal", isRestart ? "PluginRestarted" : "PluginUpdated", `${names} done`);
  }

  /**
   * The last calls that went through the gate may not have reached the process yet, which would refuse them once it
   * drains. Resolves with the milliseconds that are left of the time for draining.
   */
  async #finishCalls(): Promise<number> {
    const { clock, numbers } = this.#parts;
    const began = clock.monotonic();
    const done = new AbortController();
    await Promise.race([this.#own.link.gate.idle(), pause(clock, numbers.drainMs, done.signal)]);
    done.abort();
    return Math.max(0, Math.round(numbers.drainMs - (clock.monotonic() - began)));
  }
}
