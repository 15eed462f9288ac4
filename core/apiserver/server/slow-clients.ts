import type { Clock, Disposable, Timer } from "@berth/base";

/** How long a client may take nothing of what waits for it. */
const patienceMs = 60_000;
/** What a client that does read gets time for. */
const slowestBytesPerMs = 64;
const sweepMs = 5_000;

interface Waiting {
  /** Of the clock's monotonic time. */
  readonly until: number;
  readonly giveUp: () => void;
}

/**
 * Gives up answers that nobody takes, so that a client which stops reading holds neither memory nor a place among the
 * requests in flight. One timer for all of them.
 */
export class SlowClients implements Disposable {
  readonly label = "slow clients";
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiting>();
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many have something waiting for them. */
  get count(): number {
    return this.#waiting.size;
  }

  /** @returns to be called when the client has taken all `bytes` */
  readonly waitsFor = (bytes: number, giveUp: () => void): (() => void) => {
    const until = this.#clock.monotonic() + patienceMs + bytes / slowestBytesPerMs;
    const one = { until, giveUp };
    this.#waiting.add(one);
    this.#timer ??= this.#clock.after(sweepMs, () => this.#sweep(), { background: true });
    return () => {
      this.#waiting.delete(one);
    };
  };

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (const one of this.#waiting) {
      if (one.until > now) continue;
      this.#waiting.delete(one);
      one.giveUp();
    }
    if (this.#waiting.size > 0)
      this.#timer = this.#clock.after(sweepMs, () => this.#sweep(), { background: true });
  }

  dispose(): void {
    this.#timer?.cancel();
    this.#waiting.clear();
  }
}
