/** How health checks of one plugin are judged. Times are in milliseconds. */
export interface HealthNumbers {
  readonly intervalMs: number;
  readonly deadlineMs: number;
  /** Misses in a row before the plugin counts as dead. */
  readonly misses: number;
  /** A miss is the host's own fault when its event loop was this late in the window. */
  readonly ownDelayMs: number;
}

export const defaultHealthNumbers: HealthNumbers = {
  intervalMs: 5000,
  deadlineMs: 2000,
  misses: 3,
  ownDelayMs: 200,
};

export interface HealthCheck {
  /** It answered in time, whatever it said. */
  readonly answered: boolean;
  /** The greatest delay of the host's own event loop while it waited. */
  readonly ownDelayMs: number;
  /** Calls that ended, or streams that moved, since the check before. */
  readonly progress: boolean;
}

export type HealthVerdict = "alive" | "suspect" | "dead";

/**
 * Slow is not dead: a miss counts only when the host itself was awake, and never while a call made progress.
 */
export class HealthAccount {
  readonly #numbers: HealthNumbers;
  #misses = 0;

  constructor(numbers: HealthNumbers = defaultHealthNumbers) {
    this.#numbers = numbers;
  }

  record(check: HealthCheck): HealthVerdict {
    if (check.answered || check.progress) this.#misses = 0;
    else if (check.ownDelayMs < this.#numbers.ownDelayMs) this.#misses++;
    if (this.#misses >= this.#numbers.misses) return "dead";
    return this.#misses > 0 ? "suspect" : "alive";
  }

  get misses(): number {
    return this.#misses;
  }
}
