import { type Backoff, exponentialBackoff } from "@berth/base";

/** When a plugin that ended by itself may start again. Times are in milliseconds. */
export interface RestartNumbers {
  readonly baseMs: number;
  readonly capMs: number;
  /** Ready for this long, and the next failure counts as the first. */
  readonly goodMs: number;
  /** So many ends within `windowMs` and it is started no more. */
  readonly budget: number;
  readonly windowMs: number;
}

export const defaultRestartNumbers: RestartNumbers = {
  baseMs: 250,
  capMs: 30_000,
  goodMs: 300_000,
  budget: 5,
  windowMs: 600_000,
};

export type RestartDecision =
  | { again: true; delayMs: number }
  /** The budget is spent; `ends` of them in the window. */
  | { again: false; ends: number };

/** Counts the ends of one plugin. A change of its digest, config or source makes a new one. */
export class CrashBudget {
  readonly #numbers: RestartNumbers;
  readonly #backoff: Backoff;
  #ends: number[] = [];

  constructor(numbers: RestartNumbers = defaultRestartNumbers, random?: () => number) {
    this.#numbers = numbers;
    this.#backoff = exponentialBackoff({ ...numbers, ...(random ? { random } : {}) });
  }

  /** `now` and `readySince` are monotonic; `readySince` is undefined when it never was ready. */
  ended(now: number, readySince: number | undefined): RestartDecision {
    if (readySince !== undefined && now - readySince >= this.#numbers.goodMs) this.reset();
    this.#ends = [...this.#ends.filter((at) => now - at < this.#numbers.windowMs), now];
    if (this.#ends.length > this.#numbers.budget) return { again: false, ends: this.#ends.length };
    return { again: true, delayMs: this.#backoff.next() };
  }

  get isTouched(): boolean {
    return this.#ends.length > 0;
  }

  reset(): void {
    this.#backoff.reset();
    this.#ends = [];
  }
}
