import { type Backoff, type Clock, exponentialBackoff, type Timer } from "@berth/base";

const retryDelays = { baseMs: 1_000, capMs: 60_000, jitter: "none" } as const;
/** Events of the runtime that arrive while the worker is at it itself are looked at this much later. */
const softWakeMs = 200;

/** When a pod's worker looks next, and which of its steps must wait after a failure. */
export class PodSchedule {
  readonly #clock: Clock;
  readonly #wake: () => void;
  readonly #retries = new Map<string, { backoff: Backoff; at: number }>();
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #soft: Timer | undefined;
  #cancelled = false;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Looks at this time at the latest; milliseconds since the epoch. */
  wakeAt(at: number): void {
    const now = this.#clock.now();
    if (this.#cancelled || (this.#timerAt > now && this.#timerAt <= at)) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.after(Math.max(1, at - now), () => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#wake();
    });
  }

  wakeSoon(): void {
    if (this.#cancelled) return;
    this.#soft ??= this.#clock.after(softWakeMs, () => {
      this.#soft = undefined;
      this.#wake();
    });
  }

  mayTry(step: string): boolean {
    return (this.#retries.get(step)?.at ?? 0) <= this.#clock.now();
  }

  /** Milliseconds until the step is tried again; the next look is then. */
  failed(step: string): number {
    const entry = this.#retries.get(step) ?? { backoff: exponentialBackoff(retryDelays), at: 0 };
    const delay = entry.backoff.next();
    entry.at = this.#clock.now() + delay;
    this.#retries.set(step, entry);
    this.wakeAt(entry.at);
    return delay;
  }

  succeeded(step: string): void {
    this.#retries.delete(step);
  }

  /** What failed for want of a part of the node is tried at once when that part is back. */
  forgetFailures(): void {
    this.#retries.clear();
  }

  cancel(): void {
    this.#cancelled = true;
    this.#timer?.cancel();
    this.#soft?.cancel();
  }
}
