import { type Backoff, type Clock, exponentialBackoff } from "@berth/base";
import { CrashBudget, type RestartDecision } from "./crash-budget.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import type { SupervisorNumbers } from "./supervisor-parts.ts";

/**
 * What went wrong with one plugin lately, and what follows from it: a pause before the next start, no further start, or the version
 * before an update. All of it holds for one definition of the plugin; another one begins anew.
 */
export class Setbacks {
  readonly #clock: Clock;
  readonly #watchMs: number;
  readonly #budget: CrashBudget;
  /** For starts that fail without a process: they are the host's own trouble and use up no budget. */
  readonly #unstarted: Backoff;
  #rolledBack: { plan: LaunchPlan; reason: string } | undefined;
  #watch: { until: number; former: LaunchPlan } | undefined;

  constructor(clock: Clock, numbers: Pick<SupervisorNumbers, "restart" | "watchMs">) {
    this.#clock = clock;
    this.#watchMs = numbers.watchMs;
    this.#budget = new CrashBudget(numbers.restart);
    this.#unstarted = exponentialBackoff(numbers.restart);
  }

  forget(): void {
    this.#budget.reset();
    this.#unstarted.reset();
    this.#rolledBack = undefined;
  }

  /** What is to run instead of the plan that the definition gives. */
  instead(plan: LaunchPlan): LaunchPlan {
    return this.#rolledBack?.plan ?? plan;
  }

  /** Why something else runs than the definition says; undefined when that is not so. */
  get reason(): string | undefined {
    return this.#rolledBack?.reason;
  }

  rollBack(plan: LaunchPlan, reason: string): void {
    this.#rolledBack = { plan, reason };
  }

  /** An update is done: for some time an end of the new version brings back the former. */
  updated(former: LaunchPlan): void {
    this.#watch = { until: this.#clock.monotonic() + this.#watchMs, former };
  }

  /** The version before the update that this end undoes; undefined when no update is watched. */
  undone(readySince: number | undefined): LaunchPlan | undefined {
    const watch = this.#watch;
    this.#watch = undefined;
    const isWatched = readySince !== undefined && this.#clock.monotonic() < (watch?.until ?? 0);
    return isWatched ? watch?.former : undefined;
  }

  /** It ended by itself. `readySince` is monotonic; undefined when it never was ready. */
  ended(readySince: number | undefined): RestartDecision {
    this.#unstarted.reset();
    return this.#budget.ended(this.#clock.monotonic(), readySince);
  }

  /** A process of this definition has ended by itself lately. */
  get isRepeated(): boolean {
    return this.#budget.isTouched;
  }

  /** Milliseconds until the host tries again to start a process. */
  notStarted(): number {
    return this.#unstarted.next();
  }
}
