import { BerthError, type Clock, type Disposable, type Timer } from "@berth/base";

import type { EngineOutcome, EngineWrite, RemoteEngine } from "./engine.ts";
import { storeClosed } from "./errors.ts";
import { checkKey, checkPrefix, checkValue, checkWhole } from "./keys.ts";
import type {
  DeleteResult,
  GetResult,
  ListOptions,
  ListResult,
  Store,
  StoredItem,
  StoreEvent,
  StoreInfo,
  WatchListener,
  WriteOptions,
  WriteResult,
} from "./store.ts";
import { WatchHub } from "./watch-hub.ts";
import { WriteQueue } from "./write-queue.ts";

const progressIntervalMs = 500;
const expiryIntervalMs = 1000;
const expiryBatch = 1000;

/** The store of one process over an engine: checks inputs, groups writes, feeds watchers, ends lifetimes. */
export class EngineStore implements Store {
  readonly info: StoreInfo;
  readonly #engine: RemoteEngine;
  readonly #clock: Clock;
  readonly #hub: WatchHub;
  readonly #writes: WriteQueue;
  readonly #timers = new Set<Timer>();
  #revision = 0;
  #toldRevision = 0;
  #ending: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(engine: RemoteEngine, clock: Clock) {
    this.info = engine.info;
    this.#engine = engine;
    this.#clock = clock;
    this.#hub = new WatchHub((prefix, after, limit) => engine.history(prefix, after, limit));
    this.#writes = new WriteQueue(
      (writes) => engine.apply(writes),
      (writes, outcomes) => this.#publish(writes, outcomes),
    );
    engine.died.catch((error: Error) => {
      this.#ending ??= error;
      this.#hub.endAll(error);
    });
    this.#every(progressIntervalMs, async () => this.#tellProgress());
    this.#every(expiryIntervalMs, () => this.#expire());
  }

  async currentRevision(): Promise<number> {
    this.#checkOpen();
    return (await this.#engine.state()).revision;
  }

  async compactedRevision(): Promise<number> {
    this.#checkOpen();
    return (await this.#engine.state()).compacted;
  }

  async get(key: string, options: { revision?: number } = {}): Promise<GetResult> {
    this.#checkOpen();
    checkKey(key);
    checkWhole("revision", options.revision, 1);
    return await this.#engine.get(key, options.revision);
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    this.#checkOpen();
    checkPrefix(prefix);
    checkWhole("revision", options.revision, 1);
    checkWhole("limit", options.limit, 1);
    if (options.afterKey !== undefined) checkPrefix(options.afterKey);
    return await this.#engine.list(prefix, options);
  }

  async count(prefix: string): Promise<number> {
    this.#checkOpen();
    checkPrefix(prefix);
    return await this.#engine.count(prefix);
  }

  async lifetimes(prefix: string): Promise<ReadonlyMap<string, number>> {
    this.#checkOpen();
    checkPrefix(prefix);
    const now = this.#clock.now();
    const found = await this.#engine.lifetimes(prefix);
    return new Map(
      found.map(({ key, expiresAt }) => [key, Math.max(0, Math.ceil((expiresAt - now) / 1000))]),
    );
  }

  async create(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<WriteResult> {
    const expiresAt = this.#expiry(options);
    checkValue(key, value);
    return await this.#put({ kind: "create", key, value: Buffer.from(value), ...expiresAt });
  }

  async update(
    key: string,
    value: Uint8Array,
    expectedRevision: number,
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    const expiresAt = this.#expiry(options);
    checkValue(key, value);
    checkWhole("expectedRevision", expectedRevision, 1);
    return await this.#put({
      kind: "update",
      key,
      value: Buffer.from(value),
      expected: expectedRevision,
      ...expiresAt,
    });
  }

  async delete(key: string, options: { expectedRevision?: number } = {}): Promise<DeleteResult> {
    checkWhole("expectedRevision", options.expectedRevision, 1);
    const expected = options.expectedRevision === undefined ? {} : { expected: options.expectedRevision };
    const outcome = await this.#write({ kind: "delete", key, ...expected });
    return outcome.applied
      ? { deleted: true, revision: outcome.revision, previous: outcome.previous! }
      : { deleted: false, current: outcome.current };
  }

  watch(prefix: string, after: number, listener: WatchListener): Disposable {
    this.#checkOpen();
    checkPrefix(prefix);
    checkWhole("after", after, 0);
    return this.#hub.add(prefix, after, listener);
  }

  async compact(revision: number): Promise<void> {
    this.#checkOpen();
    checkWhole("revision", revision, 1);
    while (!(await this.#engine.compact(revision))) this.#checkOpen();
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const closed = new BerthError(storeClosed, `the store (${this.info.label}) is closed`);
    this.#ending ??= closed;
    for (const timer of this.#timers) timer.cancel();
    await this.#writes.idle();
    this.#hub.endAll(closed);
    await this.#engine.close();
  }

  async #put(write: EngineWrite & { kind: "create" | "update" }): Promise<WriteResult> {
    const outcome = await this.#write(write);
    return outcome.applied
      ? { written: true, item: itemOf(write, outcome) }
      : { written: false, current: outcome.current };
  }

  #write(write: EngineWrite): Promise<EngineOutcome> {
    this.#checkOpen();
    checkKey(write.key);
    return this.#writes.add(write);
  }

  #expiry(options: WriteOptions): { expiresAt?: number } {
    checkWhole("ttlSeconds", options.ttlSeconds, 1);
    return options.ttlSeconds === undefined
      ? {}
      : { expiresAt: this.#clock.now() + options.ttlSeconds * 1000 };
  }

  #publish(writes: readonly EngineWrite[], outcomes: readonly EngineOutcome[]): void {
    const events: StoreEvent[] = [];
    for (const [index, outcome] of outcomes.entries()) {
      if (!outcome.applied) continue;
      this.#revision = outcome.revision;
      events.push(eventOf(writes[index]!, outcome));
    }
    if (events.length > 0) this.#hub.deliver(events);
  }

  #tellProgress(): void {
    if (this.#revision === this.#toldRevision) return;
    this.#toldRevision = this.#revision;
    this.#hub.progress(this.#revision);
  }

  async #expire(): Promise<void> {
    const over = await this.#engine.expired(this.#clock.now(), expiryBatch);
    await Promise.all(
      over.map(({ key, modRevision }) => this.#writes.add({ kind: "delete", key, expected: modRevision })),
    );
  }

  #every(ms: number, work: () => Promise<void>): void {
    const again = (): void => {
      if (this.#ending) return;
      const timer = this.#clock.after(
        ms,
        () => {
          this.#timers.delete(timer);
          // A failing disk makes these fail too; who writes hears of it, and the next round tries again.
          void work().then(again, again);
        },
        { background: true },
      );
      this.#timers.add(timer);
    };
    again();
  }

  #checkOpen(): void {
    if (this.#ending) throw this.#ending;
  }
}

type Applied = EngineOutcome & { applied: true };

function itemOf(write: EngineWrite & { kind: "create" | "update" }, outcome: Applied): StoredItem {
  return {
    key: write.key,
    value: write.value as Buffer,
    createRevision: outcome.createRevision,
    modRevision: outcome.revision,
  };
}

function eventOf(write: EngineWrite, outcome: Applied): StoreEvent {
  const { revision, previous } = outcome;
  const { key } = write;
  return write.kind === "delete"
    ? { type: "delete", revision, key, previous: previous! }
    : { type: "put", revision, key, item: itemOf(write, outcome), previous };
}
