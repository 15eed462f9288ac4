/** Kubernetes documentation, "Pod Lifecycle": 10 s, doubled up to 5 min, forgotten after 10 min without a restart. */
export const restartDelays = { baseMs: 10_000, capMs: 300_000, forgetMs: 600_000 } as const;

/** Remembers, for the containers of one pod, how long each must stay down after it ended. */
export class RestartBackoff {
  readonly #entries = new Map<string, { delayMs: number; startedAt: number }>();
  readonly #delays: { readonly baseMs: number; readonly capMs: number; readonly forgetMs: number };

  constructor(delays: { baseMs: number; capMs: number; forgetMs: number } = restartDelays) {
    this.#delays = delays;
  }

  /** Milliseconds for which the container stays down after its end; 0 for the first restart. */
  delay(container: string, finishedAt: number): number {
    const entry = this.#entries.get(container);
    return !entry || this.#forgotten(entry, finishedAt) ? 0 : entry.delayMs;
  }

  /** To be told of every restart, not of the first start. */
  recordRestart(container: string, now: number): void {
    const entry = this.#entries.get(container);
    const fresh = !entry || this.#forgotten(entry, now);
    const delayMs = fresh ? this.#delays.baseMs : Math.min(entry.delayMs * 2, this.#delays.capMs);
    this.#entries.set(container, { delayMs, startedAt: now });
  }

  #forgotten(entry: { startedAt: number }, at: number): boolean {
    return at - entry.startedAt > this.#delays.forgetMs;
  }
}
