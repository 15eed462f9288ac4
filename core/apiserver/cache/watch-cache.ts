import { type Clock, type Disposable, errorMessage, isBerthError, type Logger, pause } from "@berth/base";
import { storeClosed } from "../../store/errors.ts";
import type { Store, StoredItem, StoreEvent } from "../../store/store.ts";
import { KindCache } from "./kind-cache.ts";

const pageSize = 1000;
/** So many revisions of history are read at the start, for watches that go on from before it. */
const rememberedRevisions = 8192;
/** Between tries to read everything anew. */
const relistMs = 1_000;

/**
 * Everything in the store, in memory, kept by one watch over all of it: an event reaches watchers only after its
 * commit is durable, and a read after an acknowledged write sees that write.
 */
export class WatchCache implements Disposable {
  readonly label = "watch cache";
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  readonly #kinds = new Map<string, KindCache>();
  readonly #waiting: { revision: number; resolve: () => void }[] = [];
  #watch: Disposable | undefined;
  /** Of what came after it, nothing is missing here. */
  #start = 0;
  #loaded = 0;
  #revision = 0;
  #broken: Error | undefined;
  #relisting: Promise<void> | undefined;

  constructor(store: Store, clock: Clock, logger: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Everything up to this revision is here. */
  get revision(): number {
    return this.#revision;
  }

  /** Why it does not follow the store at present; undefined while it does. */
  get broken(): Error | undefined {
    return this.#broken;
  }

  /** Remembers a little of the past too, so that clients whose watches a restart cut off can go on where they were. */
  async start(): Promise<void> {
    const known = await this.#store.compactedRevision();
    this.#start = Math.max(1, known, (await this.#store.currentRevision()) - rememberedRevisions);
    this.#loaded = await this.#list((item) => this.kind(prefixOf(item.key)).load(item));
    this.#revision = this.#start;
    this.#follow();
    await this.reached(this.#loaded, new AbortController().signal);
  }

  /** The revision at which everything was read. */
  async #list(take: (item: StoredItem) => void): Promise<number> {
    let revision: number | undefined;
    let afterKey: string | undefined;
    for (;;) {
      const page = await this.#store.list("/", {
        limit: pageSize,
        ...(revision === undefined ? {} : { revision }),
        ...(afterKey === undefined ? {} : { afterKey }),
      });
      revision ??= page.revision;
      for (const item of page.items) take(item);
      if (page.remaining === 0 || page.items.length === 0) return revision;
      afterKey = page.items.at(-1)!.key;
    }
  }

  #follow(): void {
    this.#watch = this.#store.watch("/", this.#revision, {
      events: (events) => this.#apply(events),
      progress: (revision) => this.#advance(revision),
      ended: (error) => {
        if (this.#stop.signal.aborted || isBerthError(error, storeClosed)) return;
        this.#broken = error;
        this.#logger.error(`the watch cache lost the store and reads it anew: ${errorMessage(error)}`);
        this.#relisting = this.#relist();
      },
    });
  }

  /** What happened in between is not known: everything is read anew, and every watcher has to do the same. */
  async #relist(): Promise<void> {
    const { signal } = this.#stop;
    for (; !signal.aborted; await pause(this.#clock, relistMs, signal)) {
      try {
        const kinds = new Map<string, StoredItem[]>();
        const revision = await this.#list((item) => {
          const prefix = prefixOf(item.key);
          const items = kinds.get(prefix);
          if (items) items.push(item);
          else kinds.set(prefix, [item]);
        });
        if (!signal.aborted) this.#begin(kinds, revision);
        return;
      } catch (error) {
        if (isBerthError(error, storeClosed)) return;
        this.#broken = error as Error;
      }
    }
  }

  /** All at once, so that nobody sees some kinds as they were and others as they are. */
  #begin(kinds: ReadonlyMap<string, readonly StoredItem[]>, revision: number): void {
    this.#start = this.#loaded = revision;
    for (const prefix of kinds.keys()) this.kind(prefix);
    for (const cache of this.kinds()) cache.reset(kinds.get(cache.prefix) ?? [], revision);
    this.#broken = undefined;
    this.#advance(revision);
    for (const cache of this.kinds()) cache.wake();
    this.#logger.info("the watch cache follows the store again", { revision });
    this.#follow();
  }

  #apply(events: readonly StoreEvent[]): void {
    const changed = new Set<KindCache>();
    for (const event of events) {
      const cache = this.kind(prefixOf(event.key));
      if (event.revision <= this.#loaded) cache.remember(event);
      else if (event.type === "put") cache.put(event.item);
      else cache.remove(event.key, event.revision);
      changed.add(cache);
    }
    this.#advance(events.at(-1)?.revision ?? this.#revision);
    for (const cache of changed) cache.wake();
  }

  #advance(revision: number): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    if (this.#waiting.length === 0) return;
    const ready = this.#waiting.filter((one) => one.revision <= revision);
    for (const one of ready) {
      this.#waiting.splice(this.#waiting.indexOf(one), 1);
      one.resolve();
    }
  }

  /** Resolves when everything up to `revision` is here; rejects when the signal aborts. */
  async reached(revision: number, signal: AbortSignal): Promise<void> {
    if (revision <= this.#revision) return;
    await new Promise<void>((resolve, reject) => {
      const one = {
        revision,
        resolve: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
        reject(signal.reason as Error);
      };
      if (signal.aborted) return reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(one);
    });
  }

  /** The cache of the keys under `/group/resource/`; made when first asked for. */
  kind(prefix: string): KindCache {
    let cache = this.#kinds.get(prefix);
    if (!cache) this.#kinds.set(prefix, (cache = new KindCache(prefix, this.#start)));
    return cache;
  }

  kinds(): Iterable<KindCache> {
    return this.#kinds.values();
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#watch?.dispose();
    await this.#relisting;
  }
}

/** `/core/pods/` of `/core/pods/default/web`. */
function prefixOf(key: string): string {
  const second = key.indexOf("/", 1);
  const third = key.indexOf("/", second + 1);
  return key.slice(0, third + 1);
}
