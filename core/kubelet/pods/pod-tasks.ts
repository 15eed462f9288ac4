/** Work under way for one pod, each piece under its own key; a key is never worked on twice at once. */
export class PodTasks {
  readonly #running = new Map<string, Promise<void>>();
  readonly #onSettled: (key: string, error: unknown) => void;

  /** `onSettled` hears of every end, with undefined for a success. */
  constructor(onSettled: (key: string, error: unknown) => void) {
    this.#onSettled = onSettled;
  }

  /** False when the key is busy: nothing is begun then. */
  run(key: string, body: () => Promise<void>): boolean {
    if (this.#running.has(key)) return false;
    const work = body().then(
      () => this.#settle(key, undefined),
      (error: unknown) => this.#settle(key, error ?? new Error(`${key} ended without a reason`)),
    );
    this.#running.set(key, work);
    return true;
  }

  has(key: string): boolean {
    return this.#running.has(key);
  }

  keys(): string[] {
    return [...this.#running.keys()];
  }

  get idle(): boolean {
    return this.#running.size === 0;
  }

  /** Resolves when everything but `except` has ended, well or not. */
  async settled(except?: string): Promise<void> {
    const others = (): Promise<void>[] =>
      [...this.#running].flatMap(([key, work]) => (key === except ? [] : [work]));
    for (let open = others(); open.length > 0; open = others()) await Promise.all(open);
  }

  #settle(key: string, error: unknown): void {
    this.#running.delete(key);
    this.#onSettled(key, error);
  }
}
