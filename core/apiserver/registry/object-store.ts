import { type Kind, storagePrefix } from "../../api/index.ts";
import { CachedObject } from "../cache/cached-object.ts";
import { toStoredBytes } from "../cache/stored-bytes.ts";
import type { KindCache } from "../cache/kind-cache.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Store } from "../../store/store.ts";
import { type Convert, type ObjectForms, oneForm } from "./object-forms.ts";
import type { Draft } from "./object-meta.ts";

/** Reading and writing one object by kind and name: keys, bytes and the freshness of the cache in one place. */
export class ObjectStore {
  readonly cache: WatchCache;
  readonly store: Store;
  readonly #shared: boolean;
  readonly #forms: ObjectForms;
  /** Asked with every request, and to put a prefix together costs more than to look it up. */
  readonly #caches = new WeakMap<Kind, KindCache>();

  /** @param shared other processes write to the same store, so a consistent read asks it how far it is */
  constructor(store: Store, cache: WatchCache, shared: boolean, forms: ObjectForms = oneForm) {
    this.store = store;
    this.cache = cache;
    this.#shared = shared;
    this.#forms = forms;
  }

  kindCache(kind: Kind): KindCache {
    let cache = this.#caches.get(kind);
    if (!cache) this.#caches.set(kind, (cache = this.cache.kind(storagePrefix(kind))));
    return cache;
  }

  key(kind: Kind, namespace: string, name: string): string {
    const { prefix } = this.kindCache(kind);
    return kind.namespaced ? `${prefix}${namespace}/${name}` : prefix + name;
  }

  /**
   * Resolves when reads from the cache see every write that was acknowledged anywhere before this call; undefined when they
   * do so already.
   */
  fresh(signal: AbortSignal): Promise<void> | undefined {
    return this.#shared ? this.#caughtUp(signal) : undefined;
  }

  async #caughtUp(signal: AbortSignal): Promise<void> {
    await this.cache.reached(await this.store.currentRevision(), signal);
  }

  cached(kind: Kind, namespace: string, name: string): CachedObject | undefined {
    return this.kindCache(kind).get(this.key(kind, namespace, name));
  }

  /** As the kind's clients see it, from the cache. */
  async found(kind: Kind, namespace: string, name: string): Promise<CachedObject | undefined> {
    return this.seen(kind, this.cached(kind, namespace, name));
  }

  /** An object of the cache as the kind's clients see it: of their version, with today's defaults. */
  async seen<T extends CachedObject | undefined>(kind: Kind, object: T): Promise<T> {
    if (!kind.custom || object === undefined) return object;
    return (await this.#forms.seen(kind, [object]))[0] as T;
  }

  seenAll(kind: Kind, objects: readonly CachedObject[]): Promise<readonly CachedObject[]> {
    return this.#forms.seen(kind, objects);
  }

  get inVersion(): Convert {
    return (kind, objects) => this.#forms.inVersion(kind, objects);
  }

  /** It is stored in another form than it would be written in now. */
  isStale(kind: Kind, object: CachedObject): boolean {
    return this.#forms.isStale(kind, object);
  }

  /** Past the cache: for when it may be behind. */
  async read(kind: Kind, namespace: string, name: string): Promise<CachedObject | undefined> {
    const { item } = await this.store.get(this.key(kind, namespace, name));
    return item && this.kindCache(kind).adopt(item);
  }

  /** undefined when something stands there already. */
  async create(kind: Kind, object: Draft, ttlSeconds?: number): Promise<CachedObject | undefined> {
    const key = this.key(kind, object.metadata.namespace ?? "", object.metadata.name ?? "");
    const form = kind.custom ? await this.#forms.stored(kind, object) : object;
    const result = await this.store.create(key, toStoredBytes(form), ttl(ttlSeconds));
    if (!result.written) return undefined;
    const made = this.#current(kind, key, result.item);
    return kind.custom ? await this.seen(kind, made) : made;
  }

  /** `written: false` when it is no longer as expected; with what stands there instead. */
  async update(
    kind: Kind,
    object: Draft,
    expected: CachedObject,
    ttlSeconds?: number,
  ): Promise<{ written: boolean; object: CachedObject | undefined }> {
    const result = await this.store.update(
      expected.key,
      toStoredBytes(await this.#forms.stored(kind, object)),
      expected.revision,
      ttl(ttlSeconds),
    );
    if (result.written) {
      const written = this.#current(kind, expected.key, result.item);
      return { written: true, object: await this.seen(kind, written) };
    }
    return { written: false, object: result.current && this.kindCache(kind).adopt(result.current) };
  }

  async remove(
    kind: Kind,
    expected: CachedObject,
  ): Promise<{ removed: boolean; current: CachedObject | undefined }> {
    const result = await this.store.delete(expected.key, { expectedRevision: expected.revision });
    if (result.deleted) return { removed: true, current: undefined };
    return { removed: false, current: result.current && this.kindCache(kind).adopt(result.current) };
  }

  /** A write's own event has reached the cache as a rule: share what it made. */
  #current(kind: Kind, key: string, item: Parameters<KindCache["adopt"]>[0]): CachedObject {
    const cache = this.kindCache(kind);
    const cached = cache.get(key);
    return cached?.revision === item.modRevision ? cached : cache.adopt(item);
  }

  /** An object as it would be stored, for rehearsals. */
  rehearse(kind: Kind, object: Draft, revision?: number): CachedObject {
    const { namespace = "", name = "" } = object.metadata;
    const value = { ...object, metadata: { ...object.metadata } };
    if (revision === undefined) delete value.metadata.resourceVersion;
    else value.metadata.resourceVersion = String(revision);
    return new CachedObject(
      this.key(kind, namespace, name),
      namespace,
      name,
      revision ?? 0,
      Buffer.from(JSON.stringify(value)),
    );
  }
}

function ttl(seconds: number | undefined): { ttlSeconds?: number } {
  return seconds === undefined ? {} : { ttlSeconds: seconds };
}
