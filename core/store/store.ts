import { createToken, type Disposable, type Token } from "@berth/base";

/**
 * The revisioned store under the API server. One revision counter for the whole store: every successful write takes
 * the next one. All revisions at this interface are external ones (what users see as resourceVersion): a backend
 * adds its offset itself. They are safe integers, 1 at the least.
 *
 * Nothing here assumes one process: with a shared backend, writes of other processes arrive as watch events.
 * A write is acknowledged, and its event delivered, only after it is durable. Events are delivered before the
 * acknowledgement of the write that caused them resolves.
 *
 * Keys are paths such as `/registry/pods/default/web`, ordered by their UTF-8 bytes; at most {@link maxKeyBytes}.
 * Values are bytes, at most {@link maxValueBytes}; no backend looks into them.
 */
export interface Store {
  readonly info: StoreInfo;

  /** The newest durable revision, read linearly: no write acknowledged anywhere before this call is above it. */
  currentRevision(): Promise<number>;

  /** The item as it stands now, or as it stood at `revision`. @throws REVISION_COMPACTED, REVISION_FUTURE */
  get(key: string, options?: { revision?: number }): Promise<GetResult>;

  /** Items whose keys start with `prefix`, in key order. @throws REVISION_COMPACTED, REVISION_FUTURE */
  list(prefix: string, options?: ListOptions): Promise<ListResult>;

  /** How many keys start with `prefix` now. */
  count(prefix: string): Promise<number>;

  /** The keys of the prefix that end by themselves, and the whole seconds they have left. */
  lifetimes(prefix: string): Promise<ReadonlyMap<string, number>>;

  /** Writes a key that must not exist. */
  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<WriteResult>;

  /** Replaces a value whose modRevision must be `expectedRevision`. Without a TTL in `options`, one set before ends. */
  update(
    key: string,
    value: Uint8Array,
    expectedRevision: number,
    options?: WriteOptions,
  ): Promise<WriteResult>;

  /** Deletes a key; with `expectedRevision`, only if its modRevision is still that. */
  delete(key: string, options?: { expectedRevision?: number }): Promise<DeleteResult>;

  /**
   * Every change after revision `after` to keys that start with `prefix`, in revision order, none twice, none left
   * out. History first, live events then. Ends when the returned disposable is disposed, when the store closes or
   * when `after` is older than the last compaction; `ended` says which. The listener is never called
   * synchronously from here, and never after disposal.
   */
  watch(prefix: string, after: number, listener: WatchListener): Disposable;

  /** Forgets what was overwritten or deleted at or before `revision`. A smaller revision than last time does nothing. */
  compact(revision: number): Promise<void>;

  /** The revision of the last compaction; reads and watches at a lower one are refused. */
  compactedRevision(): Promise<number>;

  /** Waits for writes under way, ends all watches, releases the file or the connection. */
  close(): Promise<void>;
}

export const maxKeyBytes = 2048;
/** etcd refuses requests over 1.5 MiB by default; no backend may be laxer. */
export const maxValueBytes = 1_500_000;

export interface StoreInfo {
  /** Random, given at creation: continue tokens and caches of another store are recognised by it. */
  readonly id: string;
  /** For messages: `sqlite /var/lib/berth/store.db`, `memory`, `etcd https://…`. */
  readonly label: string;
  /** Of the layout in which this store keeps its data; a newer one than the program knows is refused at opening. */
  readonly formatVersion: number;
  /**
   * External revisions up to this one belong to a store from which this one was moved, and count as compacted.
   * 0 for a store that began empty.
   */
  readonly revisionOffset: number;
}

export interface StoredItem {
  readonly key: string;
  readonly value: Buffer;
  /** Revision of the write that created this key. */
  readonly createRevision: number;
  /** Revision of the last write: the object's resourceVersion. */
  readonly modRevision: number;
}

export interface GetResult {
  /** The revision at which the store was read. */
  readonly revision: number;
  readonly item: StoredItem | undefined;
}

export interface ListOptions {
  /** Read as of this revision; the current one otherwise. */
  readonly revision?: number;
  /** At most so many items; all otherwise. */
  readonly limit?: number;
  /** Only keys greater than this one: the last key of the page before. */
  readonly afterKey?: string;
}

export interface ListResult {
  /** The revision at which the store was read; hand it back with `afterKey` for a consistent next page. */
  readonly revision: number;
  readonly items: readonly StoredItem[];
  /** How many keys of the prefix follow the last item at that revision; 0 when the list is complete. */
  readonly remaining: number;
}

export interface WriteOptions {
  /** Seconds after which the store deletes the key by itself; whole, 1 at the least. */
  readonly ttlSeconds?: number;
}

/** `written: false` means that the expectation did not hold; `current` is what stands there instead. */
export type WriteResult =
  | { readonly written: true; readonly item: StoredItem }
  | { readonly written: false; readonly current: StoredItem | undefined };

export type DeleteResult =
  | {
      readonly deleted: true;
      /** Revision of the deletion. */
      readonly revision: number;
      /** What was deleted. */
      readonly previous: StoredItem;
    }
  | { readonly deleted: false; readonly current: StoredItem | undefined };

export type StoreEvent =
  | {
      readonly type: "put";
      /** Revision of the change; equals `item.modRevision`. */
      readonly revision: number;
      readonly key: string;
      readonly item: StoredItem;
      /** Before the change; undefined when the change created the key. */
      readonly previous: StoredItem | undefined;
    }
  | {
      readonly type: "delete";
      readonly revision: number;
      readonly key: string;
      readonly previous: StoredItem;
    };

export interface WatchListener {
  /** One or more changes, in revision order. All events of one revision are in one call. */
  events(events: readonly StoreEvent[]): void;
  /**
   * Everything up to `revision` that matches has been delivered. Comes once after the history and afterwards as the
   * store's revision moves on without matching events, at most about twice a second.
   */
  progress(revision: number): void;
  /** The last call, unless the watcher disposed the watch itself: REVISION_COMPACTED, STORE_CLOSED or a failure. */
  ended(error: Error): void;
}

/**
 * Turns values into what is kept at rest and back: encryption. Sees keys so that a value cannot be moved to another
 * key unnoticed. Apply it with `transformingStore`.
 */
export interface Transformer {
  toStorage(value: Uint8Array, key: string): Uint8Array;
  /** @throws when the value was not written by this transformer or was tampered with. */
  fromStorage(stored: Uint8Array, key: string): Uint8Array;
}

export const Store: Token<Store> = createToken<Store>("store");
