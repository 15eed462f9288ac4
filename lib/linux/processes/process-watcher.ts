import type { Clock, Timer } from "@berth/base";
import { endedAmong, type ProcessHandle } from "./process-handle.ts";

/** Waits for the end of processes that are not our children, all of them with one system call per round. */
export interface ProcessWatcher {
  /** Resolves when the process has ended; rejects with the signal's reason when that aborts first. */
  waitForEnd(handle: ProcessHandle, signal?: AbortSignal): Promise<void>;
  dispose(): void;
}

/**
 * `intervalMs` is how late an end may be noticed. A thread blocked in poll(2) would notice at once, but Node has
 * only four of them and file reads need them.
 */
export class PollingProcessWatcher implements ProcessWatcher {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #ended: typeof endedAmong;
  readonly #waiting = new Map<ProcessHandle, Set<() => void>>();
  #timer: Timer | undefined;

  constructor(clock: Clock, options: { intervalMs?: number; ended?: typeof endedAmong } = {}) {
    this.#clock = clock;
    this.#intervalMs = options.intervalMs ?? 50;
    this.#ended = options.ended ?? endedAmong;
  }

  async waitForEnd(handle: ProcessHandle, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiters = this.#waiting.get(handle) ?? new Set();
    this.#waiting.set(handle, waiters.add(resolve));
    const onAbort = (): void => {
      waiters.delete(resolve);
      if (waiters.size === 0) this.#waiting.delete(handle);
      reject(signal?.reason as Error);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#round();
    try {
      await promise;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Ends the rounds; what is still waited for never settles, so abort those waits first. */
  dispose(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #round(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const handle of this.#ended([...this.#waiting.keys()])) {
      const waiters = this.#waiting.get(handle) ?? new Set();
      this.#waiting.delete(handle);
      for (const resolve of waiters) resolve();
    }
    if (this.#waiting.size === 0) return;
    this.#timer = this.#clock.after(this.#intervalMs, () => this.#round(), { background: true });
  }
}
