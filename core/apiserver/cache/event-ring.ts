import type { CacheEvent } from "./cache-event.ts";

const smallest = 64;

/**
 * The newest events of a kind, numbered from 0 in order of arrival. Readers keep a number and ask for what follows;
 * one that fell behind the oldest kept event has lost the thread and must start again from a list.
 */
export class EventRing {
  readonly #limit: number;
  #slots: (CacheEvent | undefined)[] = Array.from({ length: smallest });
  #first = 0;
  #next = 0;
  #lost: number;

  /** @param startRevision changes at or before it are not in the ring */
  constructor(limit: number, startRevision: number) {
    this.#limit = limit;
    this.#lost = startRevision;
  }

  /** Number of the next event to come. */
  get next(): number {
    return this.#next;
  }

  get first(): number {
    return this.#first;
  }

  /** The newest revision of which this ring knows no more; a watch from before it is refused. */
  get lostRevision(): number {
    return this.#lost;
  }

  push(event: CacheEvent): void {
    if (this.#next - this.#first === this.#slots.length) {
      if (this.#slots.length < this.#limit) this.#grow();
      else this.#drop();
    }
    this.#slots[this.#next % this.#slots.length] = event;
    this.#next++;
  }

  /** undefined when it is no longer, or not yet, there. */
  at(number: number): CacheEvent | undefined {
    if (number < this.#first || number >= this.#next) return undefined;
    return this.#slots[number % this.#slots.length];
  }

  /** Number of the first event after `revision`, or undefined when some of those were dropped. */
  after(revision: number): number | undefined {
    if (revision < this.#lost) return undefined;
    let low = this.#first;
    let high = this.#next;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle)!.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Loses all: readers at any number have fallen behind, and nothing up to `revision` is here. */
  reset(revision: number): void {
    this.#slots = Array.from({ length: smallest });
    this.#first = ++this.#next;
    this.#lost = revision;
  }

  #drop(): void {
    this.#lost = this.at(this.#first)!.revision;
    this.#slots[this.#first % this.#slots.length] = undefined;
    this.#first++;
  }

  #grow(): void {
    const larger: (CacheEvent | undefined)[] = Array.from({
      length: Math.min(this.#limit, this.#slots.length * 2),
    });
    for (let number = this.#first; number < this.#next; number++)
      larger[number % larger.length] = this.at(number);
    this.#slots = larger;
  }
}
