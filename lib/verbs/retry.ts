import { type Clock, exponentialBackoff } from "@berth/base";
import { isRpcError } from "./rpc-error.ts";

export interface RetryOptions {
  readonly clock: Clock;
  /** Milliseconds since the epoch after which no further attempt starts; undefined for as long as the signal lets. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
  readonly baseMs?: number;
  readonly capMs?: number;
  readonly random?: () => number;
  /** Told before each pause. */
  readonly onRetry?: (error: unknown, delayMs: number) => void;
}

/** Repeats a call for as long as its error is one the contract calls retryable; otherwise throws the last error. */
export async function retrying<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const backoff = exponentialBackoff({
    baseMs: options.baseMs ?? 250,
    capMs: options.capMs ?? 30_000,
    ...(options.random ? { random: options.random } : {}),
  });
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isRpcError(error) || !error.retryable) throw error;
      const delay = backoff.next();
      if (options.deadline !== undefined && options.clock.now() + delay >= options.deadline) throw error;
      options.onRetry?.(error, delay);
      await options.clock.sleep(delay, options.signal);
    }
  }
}
