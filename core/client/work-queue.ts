import { type Backoff, type Clock, exponentialBackoff, type Timer } from "@berth/base";

import type { WorkQueue } from "./contracts.ts";

export interface WorkQueueOptions<K> {
  readonly name: string;
  readonly clock: Clock;
  /** Brings one key to what it shall be; a rejection brings the key back after a back-off. */
  readonly work: (key: K, signal: AbortSignal) => Promise<void>;
  /** Told of every rejection before the key comes back. */
  readonly onError: (key: K, error: unknown, failures: number) => void;
  /** Keys worked on at the same time. */
  readonly parallel?: number;
  readonly backoff?: () => Backoff;
}

/** Starts at once; `dispose` lets work under way end and drops what waits. */
export function createWorkQueue<K>(options: WorkQueueOptions<K>): WorkQueue<K> {
  return new KeyedQueue(options);
}

class KeyedQueue<K> implements WorkQueue<K> {
  readonly label: string;
  readonly #options: WorkQueueOptions<K>;
  readonly #waiting = new Set<K>();
  readonly #running = new Map<K, Promise<void>>();
  /** Keys added again while they were worked on. */
  readonly #again = new Set<K>();
  readonly #later = new Map<K, { timer: Timer; at: number }>();
  readonly #backoffs = new Map<K, Backoff>();
  readonly #stop = new AbortController();

  constructor(options: WorkQueueOptions<K>) {
    this.label = `queue ${options.name}`;
    this.#options = options;
  }

  get length(): number {
    return this.#waiting.size + this.#again.size + this.#later.size;
  }

  add(key: K): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelLater(key);
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#startNext();
  }

  /** An earlier time wins over a later one. */
  addAfter(key: K, ms: number): void {
    if (this.#stop.signal.aborted || this.#waiting.has(key)) return;
    const { clock } = this.#options;
    const at = clock.monotonic() + ms;
    const known = this.#later.get(key);
    if (known && known.at <= at) return;
    known?.timer.cancel();
    const timer = clock.after(ms, () => this.add(key), { background: true });
    this.#later.set(key, { timer, at });
  }

  async dispose(): Promise<void> {
    this.#stop.abort(new Error(`${this.label} is stopped`));
    for (const { timer } of this.#later.values()) timer.cancel();
    this.#later.clear();
    this.#waiting.clear();
    this.#again.clear();
    await Promise.all(this.#running.values());
  }

  #startNext(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= (this.#options.parallel ?? 1)) return;
      this.#waiting.delete(key);
      this.#running.set(key, this.#run(key));
    }
  }

  async #run(key: K): Promise<void> {
    try {
      // The caller of add is never worked for synchronously.
      await Promise.resolve();
      await this.#options.work(key, this.#stop.signal);
      this.#backoffs.delete(key);
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failed(key, error);
    }
    this.#running.delete(key);
    if (this.#again.delete(key)) this.add(key);
    else this.#startNext();
  }

  #failed(key: K, error: unknown): void {
    let backoff = this.#backoffs.get(key);
    if (!backoff) {
      backoff =
        this.#options.backoff?.() ?? exponentialBackoff({ baseMs: 50, capMs: 60_000, jitter: "none" });
      this.#backoffs.set(key, backoff);
    }
    const ms = backoff.next();
    this.#options.onError(key, error, backoff.failures);
    this.addAfter(key, ms);
  }

  #cancelLater(key: K): void {
    this.#later.get(key)?.timer.cancel();
    this.#later.delete(key);
  }
}
