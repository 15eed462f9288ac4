import type { Store, StoreEvent } from "../store.ts";

/** Listens to a watch and waits for what it shall bring. */
export class Recorder {
  readonly events: StoreEvent[] = [];
  readonly progress: number[] = [];
  end: Error | undefined;
  readonly dispose: () => void | Promise<void>;
  #wake: (() => void)[] = [];

  constructor(store: Store, prefix: string, after: number, onEvents: () => void = () => {}) {
    const watch = store.watch(prefix, after, {
      events: (events) => {
        onEvents();
        this.events.push(...events);
        this.#changed();
      },
      progress: (revision) => {
        this.progress.push(revision);
        this.#changed();
      },
      ended: (error) => {
        this.end = error;
        this.#changed();
      },
    });
    this.dispose = () => watch.dispose();
  }

  async take(count: number): Promise<StoreEvent[]> {
    await this.#until(() => this.events.length >= count);
    if (this.events.length > count) throw new Error(`${this.events.length} events came, not ${count}`);
    return this.events;
  }

  caughtUp(): Promise<void> {
    return this.#until(() => this.progress.length > 0);
  }

  ended(): Promise<void> {
    return this.#until(() => this.end !== undefined);
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
