import type { StartFailure } from "../containers/start-failure.ts";

type Waiting = { reason: string; message: string };

/** Containers that could not be started: why, and until when they are left alone. */
export class StartHolds {
  readonly #holds = new Map<string, { waiting: Waiting; until: number }>();

  hold(name: string, failure: StartFailure, now: number): void {
    const waiting = { reason: failure.reason, message: failure.message };
    this.#holds.set(name, { waiting, until: failure.retryAt ?? now });
  }

  clear(name: string): void {
    this.#holds.delete(name);
  }

  /** All may be tried again at once; why they failed is shown until then. */
  release(): void {
    for (const hold of this.#holds.values()) hold.until = 0;
  }

  isHeld(name: string, now: number): boolean {
    return this.until(name) > now;
  }

  until(name: string): number {
    return this.#holds.get(name)?.until ?? 0;
  }

  reasons(): Record<string, Waiting> {
    return Object.fromEntries([...this.#holds].map(([name, { waiting }]) => [name, waiting]));
  }
}
