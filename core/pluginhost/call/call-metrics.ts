/** Counts and latencies of the calls to one plugin. */
export class CallMetrics {
  readonly #recent: Float64Array;
  #calls = 0;
  #failed = 0;

  /** `window`: how many of the last calls the median is taken over. */
  constructor(window = 512) {
    this.#recent = new Float64Array(window);
  }

  record(milliseconds: number, ok: boolean): void {
    this.#recent[this.#calls % this.#recent.length] = milliseconds;
    this.#calls++;
    if (!ok) this.#failed++;
  }

  get calls(): number {
    return this.#calls;
  }

  get failedCalls(): number {
    return this.#failed;
  }

  /** Milliseconds; undefined before the first call. */
  get p50Ms(): number | undefined {
    return this.quantile(0.5);
  }

  quantile(q: number): number | undefined {
    const count = Math.min(this.#calls, this.#recent.length);
    if (count === 0) return undefined;
    const sorted = this.#recent.slice(0, count).sort();
    return sorted[Math.min(count - 1, Math.floor(q * count))];
  }
}
