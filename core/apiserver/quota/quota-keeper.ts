import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";
import type { QuotaLedger } from "./quota-ledger.ts";

/** Between looks; a quota that nobody has touched from one to the next has nothing on its way. */
const everyMs = 30_000;

/**
 * Sets right what a crash between a booking and its object left behind, and what happened to objects outside of this server:
 * compares every quota's status with what lies in its namespace. Amounts are only lowered when nobody, in this server or
 * another on the same store, may be between the two.
 */
export class QuotaKeeper implements Disposable {
  readonly label = "quota keeper";
  readonly #ledger: QuotaLedger;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #seen = new Map<string, number>();
  #timer: Timer | undefined;
  #disposed = false;

  constructor(ledger: QuotaLedger, clock: Clock, logger: Logger) {
    this.#ledger = ledger;
    this.#clock = clock;
    this.#logger = logger;
    this.#wait();
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.cancel();
  }

  #wait(): void {
    if (this.#disposed) return;
    this.#timer = this.#clock.after(everyMs, () => void this.#look(), { background: true });
  }

  async #look(): Promise<void> {
    try {
      for (const quota of this.#ledger.quotas()) {
        const untouched = this.#seen.get(quota.key) === quota.revision;
        this.#seen.set(quota.key, quota.revision);
        if (untouched && this.#ledger.isQuiet(quota.namespace)) await this.#ledger.correct(quota);
      }
    } catch (error) {
      this.#logger.warn(`quotas could not be compared with what is used: ${errorMessage(error)}`);
    }
    this.#wait();
  }
}
