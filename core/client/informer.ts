import {
  type Backoff,
  type Clock,
  Emitter,
  errorMessage,
  exponentialBackoff,
  type Logger,
  pause,
} from "@berth/base";

import {
  ApiError,
  type ApiObject,
  type Informer,
  type InformerOptions,
  type List,
  type ListOptions,
  type ResourceClient,
  type WatchEvent,
} from "./contracts.ts";
import { IndexedObjects, objectKey } from "./indexed-objects.ts";

const pageSize = 500;
/** A watch that ends this soon is not opened again at once: the server may be going down. */
const shortWatchMs = 500;

export interface InformerParts<T extends ApiObject> extends InformerOptions<T> {
  /** For messages: "pods". */
  readonly name: string;
  readonly client: ResourceClient<T>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Does nothing before `start`. */
export function createInformer<T extends ApiObject>(parts: InformerParts<T>): Informer<T> {
  return new ListWatchInformer(parts);
}

class ListWatchInformer<T extends ApiObject> implements Informer<T> {
  readonly label: string;
  readonly #parts: InformerParts<T>;
  readonly #objects: IndexedObjects<T>;
  readonly #added: Emitter<T>;
  readonly #updated: Emitter<{ old: T; object: T }>;
  readonly #deleted: Emitter<T>;
  readonly #stop = new AbortController();
  readonly #synced = Promise.withResolvers<void>();
  readonly #backoff: Backoff = exponentialBackoff({ baseMs: 100, capMs: 30_000 });
  #hasSynced = false;
  #running: Promise<void> | undefined;

  constructor(parts: InformerParts<T>) {
    this.label = `informer of ${parts.name}`;
    this.#parts = parts;
    this.#objects = new IndexedObjects(parts.indexes ?? {});
    const onListenerError = (error: unknown): void =>
      parts.logger.error(`a listener to ${parts.name} failed`, { cause: errorMessage(error) });
    this.#added = new Emitter(onListenerError);
    this.#updated = new Emitter(onListenerError);
    this.#deleted = new Emitter(onListenerError);
    // Whoever waits gets the rejection; with nobody waiting a stop is no error.
    this.#synced.promise.catch(() => {});
  }

  get onDidAdd(): Informer<T>["onDidAdd"] {
    return this.#added.event;
  }

  get onDidUpdate(): Informer<T>["onDidUpdate"] {
    return this.#updated.event;
  }

  get onDidDelete(): Informer<T>["onDidDelete"] {
    return this.#deleted.event;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async synced(signal?: AbortSignal): Promise<void> {
    if (!signal) return await this.#synced.promise;
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const onAbort = (): void => aborted.reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.#synced.promise, aborted.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  get(name: string, namespace?: string): T | undefined {
    return this.#objects.get(namespace === undefined ? name : `${namespace}/${name}`);
  }

  list(namespace?: string): T[] {
    const all = this.#objects.all();
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata?.namespace === namespace);
  }

  byIndex(name: string, value: string): T[] {
    return this.#objects.byIndex(name, value);
  }

  async dispose(): Promise<void> {
    const stopped = new Error(`${this.label} was stopped`);
    this.#stop.abort(stopped);
    this.#synced.reject(stopped);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, logger, name } = this.#parts;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#listAndWatch();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        if (!ApiError.is(error, "Expired") && !ApiError.is(error, "Gone")) {
          logger.warn(`${name} cannot be followed; trying again`, { cause: errorMessage(error) });
        }
        await pause(clock, this.#backoff.next(), this.#stop.signal);
      }
    }
  }

  /** Lists once, then watches over and over for as long as the server knows the revision. */
  async #listAndWatch(): Promise<void> {
    let revision = await this.#relist();
    while (!this.#stop.signal.aborted) {
      const { clock } = this.#parts;
      const began = clock.monotonic();
      const isShort = (): boolean => clock.monotonic() - began < shortWatchMs;
      try {
        revision = await this.#watch(revision);
      } finally {
        // A server that lists and does not let watch is not asked for everything again and again.
        if (!isShort()) this.#backoff.reset();
      }
      if (isShort()) await clock.sleep(shortWatchMs, this.#stop.signal);
    }
  }

  async #relist(): Promise<string> {
    const { client } = this.#parts;
    const found = new Map<string, T>();
    let page: List<T> | undefined;
    do {
      page = await client.list({
        ...this.#selection(),
        limit: pageSize,
        ...(page?.continue && { continue: page.continue }),
      });
      for (const object of page.items) found.set(objectKey(object), object);
    } while (page.continue);
    for (const key of this.#objects.keys()) if (!found.has(key)) this.#remove(key);
    for (const object of found.values()) this.#put(object);
    this.#hasSynced = true;
    this.#synced.resolve();
    return page.resourceVersion;
  }

  async #watch(from: string): Promise<string> {
    let revision = from;
    const events = this.#parts.client.watch({
      ...this.#selection(),
      resourceVersion: from,
      allowWatchBookmarks: true,
    });
    for await (const event of events) revision = this.#apply(event);
    return revision;
  }

  #apply(event: WatchEvent<T>): string {
    if (event.type === "BOOKMARK") return event.resourceVersion;
    if (event.type === "DELETED") this.#remove(objectKey(event.object), event.object);
    else this.#put(event.object);
    return event.object.metadata?.resourceVersion ?? "";
  }

  #put(seen: T): void {
    const object = this.#parts.keep?.(seen) ?? seen;
    const old = this.#objects.put(object);
    if (!old) this.#added.fire(object);
    else if (old.metadata?.resourceVersion !== object.metadata?.resourceVersion) {
      // Deleted and made anew while nobody looked.
      if (old.metadata?.uid !== object.metadata?.uid) {
        this.#deleted.fire(old);
        this.#added.fire(object);
      } else this.#updated.fire({ old, object });
    }
  }

  #remove(key: string, last?: T): void {
    const old = this.#objects.remove(key);
    if (old) this.#deleted.fire(last ? (this.#parts.keep?.(last) ?? last) : old);
  }

  #selection(): ListOptions {
    const { namespace, labelSelector, fieldSelector } = this.#parts;
    return {
      signal: this.#stop.signal,
      ...(namespace !== undefined && { namespace }),
      ...(labelSelector !== undefined && { labelSelector }),
      ...(fieldSelector !== undefined && { fieldSelector }),
    };
  }
}
