import { BerthError, type Disposable } from "@berth/base";
import { databaseFailed } from "@berth/sqlite";

import type { HistoryPage } from "./engine.ts";
import type { StoreEvent, WatchListener } from "./store.ts";

const historyPageEvents = 1000;

type ReadHistory = (prefix: string, after: number, limit: number) => Promise<HistoryPage>;

/**
 * Hands committed events to watchers. A watcher first reads history in pages; live events are withheld from it until a
 * page says that it ends at the store's head. No gap and no repetition can arise because history pages and commits
 * arrive in the order in which the engine made them.
 */
export class WatchHub {
  readonly #readHistory: ReadHistory;
  readonly #watchers = new Set<Watcher>();

  constructor(readHistory: ReadHistory) {
    this.#readHistory = readHistory;
  }

  get watcherCount(): number {
    return this.#watchers.size;
  }

  add(prefix: string, after: number, listener: WatchListener): Disposable {
    const watcher = new Watcher(prefix, after, listener);
    this.#watchers.add(watcher);
    void this.#catchUp(watcher);
    return {
      label: `watch on ${prefix}`,
      dispose: () => {
        watcher.open = false;
        this.#watchers.delete(watcher);
      },
    };
  }

  /** Called once per commit, with its events in revision order. */
  deliver(events: readonly StoreEvent[]): void {
    for (const watcher of [...this.#watchers]) {
      if (watcher.live) this.#guarded(watcher, () => watcher.deliver(events));
    }
  }

  /** Tells watchers that had nothing to hear how far the store has come. */
  progress(revision: number): void {
    for (const watcher of [...this.#watchers]) {
      if (watcher.live) this.#guarded(watcher, () => watcher.progress(revision));
    }
  }

  endAll(error: Error): void {
    for (const watcher of [...this.#watchers]) this.#end(watcher, error);
  }

  async #catchUp(watcher: Watcher): Promise<void> {
    try {
      for (;;) {
        const page = await this.#readHistory(watcher.prefix, watcher.reached, historyPageEvents);
        if (!watcher.open) return;
        watcher.live = !page.more;
        this.#guarded(watcher, () => {
          watcher.deliver(page.events);
          if (!page.more) watcher.progress(page.upTo);
        });
        if (watcher.live || !watcher.open) return;
        watcher.reached = Math.max(watcher.reached, page.upTo);
      }
    } catch (error) {
      this.#end(watcher, error as Error);
    }
  }

  /** A listener that throws loses its own watch and nobody else's. */
  #guarded(watcher: Watcher, call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#end(
        watcher,
        new BerthError(databaseFailed, `the listener of the watch on ${watcher.prefix} failed`, {
          cause: error,
        }),
      );
    }
  }

  #end(watcher: Watcher, error: Error): void {
    if (!watcher.open) return;
    watcher.open = false;
    this.#watchers.delete(watcher);
    watcher.listener.ended(error);
  }
}

class Watcher {
  readonly prefix: string;
  readonly listener: WatchListener;
  reached: number;
  live = false;
  open = true;

  constructor(prefix: string, after: number, listener: WatchListener) {
    this.prefix = prefix;
    this.reached = after;
    this.listener = listener;
  }

  deliver(events: readonly StoreEvent[]): void {
    const own = events.filter((event) => event.revision > this.reached && event.key.startsWith(this.prefix));
    const last = own.at(-1);
    if (!last || !this.open) return;
    this.reached = last.revision;
    this.listener.events(own);
  }

  progress(revision: number): void {
    if (!this.open || revision < this.reached) return;
    this.reached = revision;
    this.listener.progress(revision);
  }
}
