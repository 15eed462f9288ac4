import type { Disposable } from "@berth/base";
import { expired } from "../request/status-error.ts";
import { type CacheEvent, type WatchEventType, withOtherRevision } from "./cache-event.ts";
import type { CachedObject } from "./cached-object.ts";
import type { CacheReader, KindCache } from "./kind-cache.ts";

/** Which objects a list or a watch wants. */
export interface Selection {
  /** "" for all. */
  readonly namespace: string;
  /** "" for any. */
  readonly name: string;
  /** Label and field selectors together; absent when there are none. */
  readonly matches?: (object: CachedObject) => boolean;
}

export type WatchItem =
  | { readonly type: WatchEventType; readonly object: CachedObject; readonly event?: CacheEvent }
  | { readonly type: "BOOKMARK"; readonly revision: number; readonly initialEventsEnd: boolean };

export interface WatchStart {
  /** Events after this revision. */
  readonly revision: number;
  /** Sent first, as ADDED: the present state of what is selected. */
  readonly initial?: readonly CachedObject[];
  /** Close the initial objects with a marked bookmark. */
  readonly markEnd: boolean;
}

/** One reader of changes, as transports use it. */
export interface ObjectWatch extends Disposable {
  /** `reader` is woken when there may be something to read; once only for any number of changes. */
  wakes(reader: CacheReader): void;
  /** The next bookmark goes out with the next reading. */
  requestBookmark(): void;
  /**
   * At most `limit` items, in order; none when there is nothing new.
   * @throws StatusError 410 when this reader was too slow
   */
  read(limit: number): WatchItem[];
  /** `ended` is called when the watch is over, whoever ended it. */
  onEnd(ended: () => void): void;
}

/** What a change is to a reader who wants some objects only; undefined when it does not concern him. */
export function selectedChange(
  { matches }: Selection,
  object: CachedObject,
  previous: CachedObject | undefined,
  deleted: boolean,
): { readonly type: WatchEventType; readonly object: CachedObject } | undefined {
  const wanted = (one: CachedObject | undefined): boolean =>
    one !== undefined && (matches === undefined || matches(one));
  const before = wanted(previous);
  if (!deleted && wanted(object)) return { type: before ? "MODIFIED" : "ADDED", object };
  if (!before) return undefined;
  return { type: "DELETED", object: deleted ? object : withOtherRevision(previous!, object.revision) };
}

/**
 * One reader of a kind's events. It holds a position, not a queue: a slow reader costs no memory, and one that is
 * overtaken by the whole ring is told 410 and ends.
 */
export class Watch implements ObjectWatch {
  readonly #cache: KindCache;
  readonly #selection: Selection;
  readonly #whole: { readonly revision: number };
  /** What happened up to this revision, which may be yet to come, is no news. */
  readonly #after: number;
  #initial: readonly CachedObject[];
  #initialAt = 0;
  #endMark: number | undefined;
  #position: number;
  #bookmarkDue = false;
  #reader: CacheReader | undefined;
  #ended: (() => void) | undefined;
  #disposed = false;

  /**
   * @param whole what bookmarks tell of: how far the cache of all kinds has come
   * @throws StatusError 410 when events after `start.revision` are already gone
   */
  constructor(
    cache: KindCache,
    selection: Selection,
    start: WatchStart,
    whole: { readonly revision: number },
  ) {
    const position = cache.ring.after(start.revision);
    if (position === undefined) throw tooOld(start.revision, cache.ring.lostRevision);
    this.#cache = cache;
    this.#selection = selection;
    this.#whole = whole;
    this.#after = start.revision;
    this.#position = position;
    this.#initial = start.initial ?? nothing;
    this.#endMark = start.markEnd ? start.revision : undefined;
  }

  get label(): string {
    return "watch";
  }

  wakes(reader: CacheReader): void {
    this.#reader = reader;
    this.#cache.follow(reader);
    reader.wake();
  }

  requestBookmark(): void {
    if (this.#disposed) return;
    this.#bookmarkDue = true;
    this.#reader?.wake();
  }

  read(limit: number): WatchItem[] {
    const items: WatchItem[] = [];
    while (items.length < limit && this.#initialAt < this.#initial.length) {
      items.push({ type: "ADDED", object: this.#initial[this.#initialAt++]! });
    }
    if (this.#initialAt < this.#initial.length) return items;
    this.#initial = nothing;
    this.#initialAt = 0;
    if (this.#endMark !== undefined) {
      items.push({ type: "BOOKMARK", revision: this.#endMark, initialEventsEnd: true });
      this.#endMark = undefined;
    }
    const { ring } = this.#cache;
    if (this.#position < ring.first) throw tooSlow(ring.lostRevision);
    while (items.length < limit && this.#position < ring.next) {
      const item = this.#select(ring.at(this.#position++)!);
      if (item) items.push(item);
    }
    if (this.#bookmarkDue && this.#position === ring.next) {
      this.#bookmarkDue = false;
      const { revision } = this.#whole;
      if (revision >= this.#after) items.push({ type: "BOOKMARK", revision, initialEventsEnd: false });
    }
    return items;
  }

  #select(event: CacheEvent): WatchItem | undefined {
    const { namespace, name, matches } = this.#selection;
    const { object, previous } = event;
    if (event.revision <= this.#after) return undefined;
    if (namespace !== "" && object.namespace !== namespace) return undefined;
    if (name !== "" && object.name !== name) return undefined;
    const wanted = (one: CachedObject | undefined): boolean =>
      one !== undefined && (matches === undefined || matches(one));
    const before = wanted(previous);
    const after = !event.deleted && wanted(object);
    if (after) return { type: before ? "MODIFIED" : "ADDED", object, event };
    if (!before) return undefined;
    return { type: "DELETED", object: event.deleted ? object : event.departed(), event };
  }

  onEnd(ended: () => void): void {
    this.#ended = ended;
  }

  dispose(): void {
    if (!this.#disposed) this.#ended?.();
    this.#disposed = true;
    if (this.#reader) this.#cache.leave(this.#reader);
    this.#reader = undefined;
  }
}

const nothing: readonly CachedObject[] = [];

function tooOld(asked: number, lost: number): Error {
  return expired(`too old resource version: ${asked} (${lost + 1})`);
}

function tooSlow(lost: number): Error {
  return expired(`this watch was read too slowly: changes up to ${lost} are no longer kept`);
}
