/** A task of a lane. Its signal aborts when every caller that waits for it has gone. */
export type LaneTask<T> = (signal: AbortSignal) => Promise<T>;

interface Entry {
  readonly identity: Uint8Array | undefined;
  readonly verb: string;
  readonly result: Promise<unknown>;
  readonly abort: AbortController;
  waiting: number;
}

/**
 * Orders calls by key. The same request as the last one in its lane joins it and shares its answer; a different one
 * waits for it. An identical request behind a different one does not join the earlier twin: in between the
 * world may have changed.
 */
export class Lanes {
  readonly #tails = new Map<string, Entry>();

  /** Lanes with a call in them. */
  get size(): number {
    return this.#tails.size;
  }

  /**
   * Runs `task` in the lane of `key`. `identity` is the request on the wire; undefined never joins.
   * Rejects with the caller's reason as soon as `signal` aborts; the lane stays taken until the task has really ended.
   */
  run<T>(
    key: string,
    request: { verb: string; identity: Uint8Array | undefined },
    signal: AbortSignal | undefined,
    task: LaneTask<T>,
  ): Promise<T> {
    const tail = this.#tails.get(key);
    if (tail && !tail.abort.signal.aborted && isSame(tail, request)) return this.#wait(tail, signal);
    const entry = this.#enter(key, tail, request, task);
    return this.#wait(entry, signal);
  }

  #enter<T>(
    key: string,
    before: Entry | undefined,
    request: { verb: string; identity: Uint8Array | undefined },
    task: LaneTask<T>,
  ): Entry {
    const abort = new AbortController();
    const start = async (): Promise<T> => {
      if (before) await before.result.catch(() => {});
      abort.signal.throwIfAborted();
      return task(abort.signal);
    };
    const entry: Entry = { ...request, abort, waiting: 0, result: start() };
    this.#tails.set(key, entry);
    const leave = (): void => {
      if (this.#tails.get(key) === entry) this.#tails.delete(key);
    };
    entry.result.then(leave, leave);
    return entry;
  }

  #wait<T>(entry: Entry, signal: AbortSignal | undefined): Promise<T> {
    entry.waiting++;
    if (!signal) return entry.result as Promise<T>;
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => {
        if (--entry.waiting === 0) entry.abort.abort(signal.reason);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      const done = (): void => signal.removeEventListener("abort", onAbort);
      (entry.result as Promise<T>).then(resolve, reject).finally(done);
    });
  }
}

function isSame(entry: Entry, request: { verb: string; identity: Uint8Array | undefined }): boolean {
  if (entry.verb !== request.verb || !entry.identity || !request.identity) return false;
  return Buffer.compare(entry.identity, request.identity) === 0;
}
