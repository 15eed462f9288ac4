/** What one side tells and the other reads in its own time, until the signal aborts. */
export class ToldQueue<T> {
  #waiting: T[] = [];
  #told = Promise.withResolvers<void>();

  tell(value: T): void {
    this.#waiting.push(value);
    this.#told.resolve();
  }

  fail(reason: unknown): void {
    this.#told.reject(reason);
    // Nobody may be reading any more.
    this.#told.promise.catch(() => {});
  }

  async *read(signal: AbortSignal): AsyncGenerator<T> {
    const onAbort = (): void => this.#told.resolve();
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        yield* this.#waiting.splice(0);
        await this.#told.promise;
        if (!signal.aborted) this.#told = Promise.withResolvers<void>();
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}
