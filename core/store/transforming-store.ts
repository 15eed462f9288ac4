import type { Disposable } from "@berth/base";

import type {
  DeleteResult,
  GetResult,
  ListOptions,
  ListResult,
  Store,
  StoredItem,
  StoreEvent,
  StoreInfo,
  Transformer,
  WatchListener,
  WriteOptions,
  WriteResult,
} from "./store.ts";

/** A store whose values are kept in another form at rest, encrypted for one. Keys and revisions stay as they are. */
export function transformingStore(inner: Store, transformer: Transformer): Store {
  return new TransformingStore(inner, transformer);
}

class TransformingStore implements Store {
  readonly info: StoreInfo;
  readonly #inner: Store;
  readonly #transformer: Transformer;

  constructor(inner: Store, transformer: Transformer) {
    this.info = inner.info;
    this.#inner = inner;
    this.#transformer = transformer;
  }

  currentRevision(): Promise<number> {
    return this.#inner.currentRevision();
  }

  compactedRevision(): Promise<number> {
    return this.#inner.compactedRevision();
  }

  async get(key: string, options?: { revision?: number }): Promise<GetResult> {
    const { revision, item } = await this.#inner.get(key, options);
    return { revision, item: this.#open(item) };
  }

  async list(prefix: string, options?: ListOptions): Promise<ListResult> {
    const result = await this.#inner.list(prefix, options);
    return { ...result, items: result.items.map((item) => this.#open(item)) };
  }

  count(prefix: string): Promise<number> {
    return this.#inner.count(prefix);
  }

  lifetimes(prefix: string): Promise<ReadonlyMap<string, number>> {
    return this.#inner.lifetimes(prefix);
  }

  async create(key: string, value: Uint8Array, options?: WriteOptions): Promise<WriteResult> {
    const result = await this.#inner.create(key, this.#transformer.toStorage(value, key), options);
    return this.#openWrite(result);
  }

  async update(
    key: string,
    value: Uint8Array,
    expectedRevision: number,
    options?: WriteOptions,
  ): Promise<WriteResult> {
    const stored = this.#transformer.toStorage(value, key);
    return this.#openWrite(await this.#inner.update(key, stored, expectedRevision, options));
  }

  async delete(key: string, options?: { expectedRevision?: number }): Promise<DeleteResult> {
    const result = await this.#inner.delete(key, options);
    return result.deleted
      ? { ...result, previous: this.#open(result.previous) }
      : { deleted: false, current: this.#open(result.current) };
  }

  watch(prefix: string, after: number, listener: WatchListener): Disposable {
    return this.#inner.watch(prefix, after, {
      events: (events) => listener.events(events.map((event) => this.#openEvent(event))),
      progress: (revision) => listener.progress(revision),
      ended: (error) => listener.ended(error),
    });
  }

  compact(revision: number): Promise<void> {
    return this.#inner.compact(revision);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #open<T extends StoredItem | undefined>(item: T): T {
    if (!item) return item;
    const value = Buffer.from(this.#transformer.fromStorage(item.value, item.key));
    return { ...item, value };
  }

  #openWrite(result: WriteResult): WriteResult {
    return result.written
      ? { written: true, item: this.#open(result.item) }
      : { written: false, current: this.#open(result.current) };
  }

  #openEvent(event: StoreEvent): StoreEvent {
    return event.type === "put"
      ? { ...event, item: this.#open(event.item), previous: this.#open(event.previous) }
      : { ...event, previous: this.#open(event.previous) };
  }
}
