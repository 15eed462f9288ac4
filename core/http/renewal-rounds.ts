import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";

/** How often whoever holds a certificate asks whether there is a newer one. */
const roundMs = 60_000;

/**
 * Looks once a minute whether keys and certificates were renewed, by their age or by hand, and hands them over: nothing
 * that runs needs a restart for it. What fails is logged and tried again in the next round.
 */
export class RenewalRounds implements Disposable {
  readonly label: string;
  readonly #parts: { readonly clock: Clock; readonly logger: Logger };
  readonly #renew: () => Promise<void>;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(
    label: string,
    parts: { readonly clock: Clock; readonly logger: Logger },
    renew: () => Promise<void>,
  ) {
    this.label = label;
    this.#parts = parts;
    this.#renew = renew;
    this.#wait();
  }

  #wait(): void {
    const run = (): void => {
      this.#running = this.#round();
    };
    this.#timer = this.#parts.clock.after(roundMs, run, { background: true });
  }

  async #round(): Promise<void> {
    try {
      await this.#renew();
    } catch (error) {
      this.#parts.logger.error(`${this.label}: not renewed`, { error: errorMessage(error) });
    }
    if (!this.#ended) this.#wait();
  }

  async dispose(): Promise<void> {
    this.#ended = true;
    this.#timer?.cancel();
    await this.#running;
  }
}
