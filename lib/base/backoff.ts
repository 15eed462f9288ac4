/** Delays that grow with every failure and start over after {@link Backoff.reset}. */
export interface Backoff {
  /** Milliseconds to wait before the next attempt. */
  next(): number;
  reset(): void;
  readonly failures: number;
}

/**
 * `baseMs` × 2ⁿ up to `capMs`. With full jitter (the default) the delay is drawn from [0, that], so that many
 * that failed together do not return together (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 */
export function exponentialBackoff(options: {
  baseMs: number;
  capMs: number;
  jitter?: "full" | "none";
  random?: () => number;
}): Backoff {
  const random = options.random ?? Math.random;
  let failures = 0;
  return {
    next() {
      const ceiling = Math.min(options.capMs, options.baseMs * 2 ** Math.min(failures, 52));
      failures++;
      return options.jitter === "none" ? ceiling : Math.round(ceiling * random());
    },
    reset() {
      failures = 0;
    },
    get failures() {
      return failures;
    },
  };
}
