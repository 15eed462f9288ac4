import type { StoreEvent } from "../store.ts";
import type { HistoryPage } from "../engine.ts";

/** So many of the newest events are kept for watches that begin a little in the past. */
const kept = 4096;

/** The newest events of the whole store, in revision order. */
export class RecentEvents {
  /** Every event after this revision, up to `reached`, is here. */
  #start: number;
  #reached: number;
  #events: StoreEvent[] = [];
  #pins = 0;

  constructor(start: number) {
    this.#start = start;
    this.#reached = start;
  }

  get start(): number {
    return this.#start;
  }

  get reached(): number {
    return this.#reached;
  }

  add(events: readonly StoreEvent[], reached: number): void {
    for (const event of events) this.#events.push(event);
    this.#reached = reached;
    if (this.#pins === 0 && this.#events.length > 2 * kept) this.#drop();
  }

  /** Keeps all that is there until what is returned is called. */
  pin(): () => void {
    this.#pins++;
    return () => void this.#pins--;
  }

  page(prefix: string, after: number, limit: number): HistoryPage {
    const events: StoreEvent[] = [];
    for (let i = this.#firstAfter(after); i < this.#events.length; i++) {
      const event = this.#events[i]!;
      const last = events.at(-1);
      // What one revision changed is not torn apart.
      if (events.length >= limit && event.revision !== last!.revision)
        return { events, upTo: last!.revision, more: true };
      if (event.key.startsWith(prefix)) events.push(event);
    }
    return { events, upTo: Math.max(this.#reached, after), more: false };
  }

  #firstAfter(revision: number): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #drop(): void {
    let from = this.#events.length - kept;
    while (this.#events[from - 1]!.revision === this.#events[from]!.revision) from--;
    this.#start = this.#events[from - 1]!.revision;
    this.#events = this.#events.slice(from);
  }
}
