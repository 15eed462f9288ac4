const resolutionMs = 20;

/** How late this process's own event loop was, so that its slowness is not blamed on others. */
export class LoopDelay {
  #tick: NodeJS.Timeout | undefined;
  #last = 0;
  #greatest = 0;

  start(): void {
    clearInterval(this.#tick);
    this.#last = performance.now();
    this.#greatest = 0;
    this.#tick = setInterval(() => this.#look(), resolutionMs).unref();
  }

  /** Milliseconds of the greatest delay since {@link start}. */
  stop(): number {
    clearInterval(this.#tick);
    // Whoever asks may have been woken before the tick that is due as well.
    this.#look();
    return this.#greatest;
  }

  #look(): void {
    const now = performance.now();
    this.#greatest = Math.max(this.#greatest, now - this.#last - resolutionMs);
    this.#last = now;
  }
}
