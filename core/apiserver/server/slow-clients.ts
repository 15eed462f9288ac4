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
  /** Where it stands in the list of all. */
  at: number;
}

/**
 * Gives up answers that nobody takes, so that a client which stops reading holds neither memory nor a place among the
 * requests in flight. One timer for all of them.
 */
export class SlowClients implements Disposable {
  readonly label = "slow clients";
  readonly #clock: Clock;
  /**
   * No set: V8 links each table of a set to the one that takes its place, and a table that has grown old keeps everything
   * behind it, every request ever answered, from being collected early.
   */
  readonly #waiting: Waiting[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many have something waiting for them. */
  get count(): number {
    return this.#waiting.length;
  }

  /** @returns to be called when the client has taken all `bytes` */
  readonly waitsFor = (bytes: number, giveUp: () => void): (() => void) => {
    const until = this.#clock.monotonic() + patienceMs + bytes / slowestBytesPerMs;
    const one = { until, giveUp, at: this.#waiting.length };
    this.#waiting.push(one);
    this.#timer ??= this.#clock.after(sweepMs, () => this.#sweep(), { background: true });
    return () => void this.#remove(one);
  };

  /** The last one takes its place. @returns whether it was still there */
  #remove(one: Waiting): boolean {
    if (this.#waiting[one.at] !== one) return false;
    const last = this.#waiting.pop()!;
    if (last !== one) {
      this.#waiting[one.at] = last;
      last.at = one.at;
    }
    return true;
  }

  #sweep(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    // To give one up may be the end of others.
    for (const one of this.#waiting.filter(({ until }) => until <= now)) if (this.#remove(one)) one.giveUp();
    if (this.#waiting.length > 0)
      this.#timer = this.#clock.after(sweepMs, () => this.#sweep(), { background: true });
  }

  dispose(): void {
    this.#timer?.cancel();
    this.#waiting.length = 0;
  }
}
