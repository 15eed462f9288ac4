import type { StoredItem, StoreEvent } from "../../store/store.ts";
import { CacheEvent, withOtherRevision } from "./cache-event.ts";
import { CachedObject } from "./cached-object.ts";
import { EventRing } from "./event-ring.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { withRevision } from "./stored-bytes.ts";

/** So many changes of one kind can be watched from the past; the number etcd-backed servers keep is of this size. */
const ringLimit = 8192;

/** Somebody who follows a kind. */
export interface CacheReader {
  /** There may be something new; said once for each group of changes. */
  wake(): void;
}

/** All objects of one kind as they stand, and their newest changes. */
export class KindCache {
  /** `/core/pods/`. */
  readonly prefix: string;
  readonly ring: EventRing;
  readonly #items = new Map<string, CachedObject>();
  readonly #namespaces = new Map<string, SortedKeys>();
  readonly #readers = new Set<CacheReader>();
  readonly #isThere = (key: string): boolean => this.#items.has(key);

  constructor(prefix: string, startRevision: number) {
    this.prefix = prefix;
    this.ring = new EventRing(ringLimit, startRevision);
  }

  get size(): number {
    return this.#items.size;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  get(key: string): CachedObject | undefined {
    return this.#items.get(key);
  }

  /** In key order; of one namespace, or of all with "". */
  *objects(namespace = "", afterKey = ""): Iterable<CachedObject> {
    if (namespace !== "") {
      yield* this.#ofNamespace(namespace, afterKey);
      return;
    }
    const afterNamespace = afterKey === "" ? "" : this.#split(afterKey).namespace;
    // In the order of their keys, where "a-b/" stands before "a/".
    const order = [...this.#namespaces.keys()].map((name) => `${name}/`).sort();
    for (const name of order) {
      if (name >= `${afterNamespace}/` || afterKey === "")
        yield* this.#ofNamespace(name.slice(0, -1), afterKey);
    }
  }

  *#ofNamespace(namespace: string, afterKey: string): Iterable<CachedObject> {
    for (const key of this.#namespaces.get(namespace)?.from(afterKey) ?? []) {
      const object = this.#items.get(key);
      if (object) yield object;
    }
  }

  count(namespace = ""): number {
    return namespace === "" ? this.#items.size : (this.#namespaces.get(namespace)?.size ?? 0);
  }

  /** What lies in the store, as the cache holds it. */
  adopt(item: StoredItem): CachedObject {
    const { namespace, name } = this.#split(item.key);
    return new CachedObject(
      item.key,
      namespace,
      name,
      item.modRevision,
      withRevision(item.value, item.modRevision),
    );
  }

  load(item: StoredItem): void {
    this.#put(this.adopt(item), this.#items.get(item.key));
  }

  /** Begins anew with what stood in the store at that revision: readers are told 410. */
  reset(items: Iterable<StoredItem>, revision: number): void {
    this.#items.clear();
    this.#namespaces.clear();
    this.ring.reset(revision);
    for (const item of items) this.load(item);
  }

  put(item: StoredItem): CacheEvent {
    const [object, previous] = [this.adopt(item), this.#items.get(item.key)];
    const event = new CacheEvent(object, previous, false);
    this.#put(object, previous);
    this.ring.push(event);
    return event;
  }

  remove(key: string, revision: number): CacheEvent | undefined {
    const previous = this.#items.get(key);
    if (!previous) return undefined;
    this.#items.delete(key);
    const keys = this.#namespaces.get(previous.namespace);
    keys?.delete();
    if (keys?.size === 0) this.#namespaces.delete(previous.namespace);
    const event = new CacheEvent(withOtherRevision(previous, revision), previous, true);
    this.ring.push(event);
    return event;
  }

  /** A change from before what was loaded: for watches only. */
  remember(event: StoreEvent): void {
    if (event.type === "put") {
      const previous = event.previous && this.adopt(event.previous);
      this.ring.push(new CacheEvent(this.adopt(event.item), previous, false));
      return;
    }
    const previous = this.adopt(event.previous);
    this.ring.push(new CacheEvent(withOtherRevision(previous, event.revision), previous, true));
  }

  follow(reader: CacheReader): void {
    this.#readers.add(reader);
  }

  leave(reader: CacheReader): void {
    this.#readers.delete(reader);
  }

  /** Calls `wake` after changes until what is returned is called: for the few who live as long as the server. */
  join(wake: () => void): () => void {
    const reader = { wake };
    this.follow(reader);
    return () => this.leave(reader);
  }

  wake(): void {
    for (const reader of this.#readers) reader.wake();
  }

  #put(object: CachedObject, previous: CachedObject | undefined): void {
    this.#items.set(object.key, object);
    if (previous) return;
    let keys = this.#namespaces.get(object.namespace);
    if (!keys) this.#namespaces.set(object.namespace, (keys = new SortedKeys(this.#isThere)));
    keys.add(object.key);
  }

  #split(key: string): { namespace: string; name: string } {
    const rest = key.slice(this.prefix.length);
    const slash = rest.indexOf("/");
    return slash < 0
      ? { namespace: "", name: rest }
      : { namespace: rest.slice(0, slash), name: rest.slice(slash + 1) };
  }
}
