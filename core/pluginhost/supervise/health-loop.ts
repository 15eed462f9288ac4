import { type Clock, type Disposable, errorMessage, type Logger, pause } from "@berth/base";
import { HealthAccount, type HealthNumbers } from "./health-account.ts";
import { LoopDelay } from "./loop-delay.ts";
import type { ProbeOutcome } from "./probe-contract.ts";

export interface HealthLoopParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly numbers: HealthNumbers;
  readonly probe: (deadlineMs: number) => Promise<ProbeOutcome>;
  /** Calls that came back so far; a difference between two checks is progress. */
  readonly progress: () => number;
  readonly onOutcome: (outcome: ProbeOutcome) => void;
  readonly onDead: (reason: string) => void;
}

/** Asks one incarnation how it is, for as long as it is not disposed. */
export class HealthLoop implements Disposable {
  readonly label = "health checks";
  readonly #parts: HealthLoopParts;
  readonly #over = new AbortController();

  constructor(parts: HealthLoopParts) {
    this.#parts = parts;
    void this.#run();
  }

  dispose(): void {
    this.#over.abort();
  }

  async #run(): Promise<void> {
    const { clock, logger, numbers, onDead } = this.#parts;
    const account = new HealthAccount(numbers);
    const delay = new LoopDelay();
    let calls = this.#parts.progress();
    while (!this.#over.signal.aborted) {
      await pause(clock, numbers.intervalMs, this.#over.signal);
      if (this.#over.signal.aborted) return;
      delay.start();
      const outcome = await this.#probe();
      const ownDelayMs = delay.stop();
      if (this.#over.signal.aborted) return;
      const now = this.#parts.progress();
      const progress = now !== calls;
      calls = now;
      const verdict = account.record({ answered: outcome.answered, ownDelayMs, progress });
      if (verdict === "dead") return onDead(`${account.misses} health checks in a row were not answered`);
      if (outcome.answered) this.#parts.onOutcome(outcome);
      else logger.warn("health check not answered", { misses: account.misses, ownDelayMs });
    }
  }

  async #probe(): Promise<ProbeOutcome> {
    try {
      return await this.#parts.probe(this.#parts.numbers.deadlineMs);
    } catch (error) {
      return { answered: false, ready: false, reason: errorMessage(error) };
    }
  }
}
