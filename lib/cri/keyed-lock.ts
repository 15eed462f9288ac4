/** One at a time for each key, in the order of asking; different keys do not wait for each other. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  async run<T>(key: string, action: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const own = (before ?? Promise.resolve()).then(action, action);
    const settled = own.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, settled);
    try {
      return await own;
    } finally {
      if (this.#tails.get(key) === settled) this.#tails.delete(key);
    }
  }

  get busyKeys(): number {
    return this.#tails.size;
  }
}
