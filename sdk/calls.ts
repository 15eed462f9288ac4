/** The calls under way, so that a drain can wait for them and then tell them to stop. */
export class CallsUnderWay {
  readonly #aborts = new Set<AbortController>();
  #idle: (() => void)[] = [];

  get size(): number {
    return this.#aborts.size;
  }

  enter(): { abort: AbortController; leave: () => void } {
    const abort = new AbortController();
    this.#aborts.add(abort);
    return {
      abort,
      leave: () => {
        this.#aborts.delete(abort);
        if (this.#aborts.size === 0) for (const told of this.#idle.splice(0)) told();
      },
    };
  }

  /** Resolves when no call is under way. */
  whenIdle(): Promise<void> {
    return this.#aborts.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  abortAll(reason: string): number {
    const cancelled = this.#aborts.size;
    for (const abort of this.#aborts) abort.abort(new Error(reason));
    return cancelled;
  }
}
