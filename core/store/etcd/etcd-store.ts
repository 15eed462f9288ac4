import { BerthError, type Clock, type Disposable, systemClock, type Timer } from "@berth/base";
import { EtcdClient, type EtcdClientOptions, type TxnOutput } from "@berth/etcd";
import type { HistoryPage } from "../engine.ts";
import { revisionCompacted, storeClosed, storeOutcomeUnknown } from "../errors.ts";
import { checkKey, checkPrefix, checkValue, checkWhole } from "../keys.ts";
import { firstReadable } from "../revision-checks.ts";
import type {
  DeleteResult,
  GetResult,
  ListOptions,
  ListResult,
  Store,
  StoreInfo,
  WatchListener,
  WriteOptions,
  WriteResult,
} from "../store.ts";
import { WatchHub } from "../watch-hub.ts";
import { findCompacted } from "./etcd-compaction.ts";
import { storeError } from "./etcd-errors.ts";
import { EtcdFollower } from "./etcd-follower.ts";
import { cutShort, readHistory } from "./etcd-history.ts";
import { EtcdKeys } from "./etcd-keys.ts";
import { defaultRoot, type MetaOptions, readOrMakeMeta } from "./etcd-meta.ts";
import { firstKeyValue, itemOf, put, standsAt } from "./etcd-requests.ts";

export interface EtcdStoreOptions extends EtcdClientOptions, MetaOptions {
  /** Below which all keys lie; `/berth` by default. Stores with different roots may share one etcd. */
  readonly root?: string;
  readonly clock?: Clock;
  /** It takes no writes and no watches, and needs no room: a watch begins with a mark that is written. */
  readonly readOnly?: boolean;
}

const progressIntervalMs = 500;
const leasesAtOnce = 64;
/** A write that was made must be seen by this process before it is acknowledged; this long it waits for that. */
const seenMs = 30_000;

/**
 * Opens the store in an etcd of 3.4 or newer, making it if there is none and it need not exist.
 * @throws BERTH_STORE_UNREACHABLE, _REFUSED, _NEWER_FORMAT, _FOREIGN, _MISSING
 */
export async function openEtcdStore(options: EtcdStoreOptions): Promise<Store> {
  const client = new EtcdClient(options);
  try {
    const keys = new EtcdKeys(options.root ?? defaultRoot);
    const info = await readOrMakeMeta(client, keys, options);
    const { clock = systemClock, readOnly = false } = options;
    const store = new EtcdStore(client, keys, info, clock, readOnly);
    if (!readOnly) await store.start();
    return store;
  } catch (error) {
    client.dispose();
    throw storeError(error, client.label, "read");
  }
}

/** Revisions here are etcd's own plus the store's offset. */
class EtcdStore implements Store {
  readonly info: StoreInfo;
  readonly #client: EtcdClient;
  readonly #keys: EtcdKeys;
  readonly #offset: number;
  readonly #clock: Clock;
  readonly #readOnly: boolean;
  readonly #hub: WatchHub;
  readonly #follower: EtcdFollower;
  readonly #writing = new Set<Promise<unknown>>();
  #compacted: number;
  #toldRevision = 0;
  #timer: Timer | undefined;
  #ending: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(client: EtcdClient, keys: EtcdKeys, info: StoreInfo, clock: Clock, readOnly: boolean) {
    this.info = info;
    this.#client = client;
    this.#keys = keys;
    this.#offset = info.revisionOffset;
    this.#clock = clock;
    this.#readOnly = readOnly;
    this.#compacted = firstReadable(info.revisionOffset);
    this.#hub = new WatchHub((prefix, after, limit) => this.#history(prefix, after, limit));
    this.#follower = new EtcdFollower({
      client,
      keys,
      clock,
      offset: info.revisionOffset,
      deliver: (events) => this.#hub.deliver(events),
      lost: (error) => this.#hub.endAll(error),
    });
  }

  async start(): Promise<void> {
    await this.#follower.start();
    this.#tellProgress();
  }

  async currentRevision(): Promise<number> {
    const { header } = await this.#read(() => this.#client.range({ key: this.#keys.meta, count_only: true }));
    const revision = Number(header?.revision) + this.#offset;
    if (!this.#readOnly) this.#follower.nudge(revision);
    return revision;
  }

  async compactedRevision(): Promise<number> {
    const newest = await this.currentRevision();
    const known = this.#compacted - this.#offset;
    const found = await this.#read(() =>
      findCompacted(known, newest - this.#offset, (revision) => this.#isReadable(revision)),
    );
    return (this.#compacted = Math.max(this.#compacted, found + this.#offset));
  }

  async #isReadable(backendRevision: number): Promise<boolean> {
    try {
      await this.#client.range({ key: this.#keys.meta, count_only: true, revision: backendRevision });
      return true;
    } catch (error) {
      const problem = storeError(error, this.info.label, "read");
      if (problem instanceof BerthError && problem.definition === revisionCompacted) return false;
      throw error;
    }
  }

  async get(key: string, options: { revision?: number } = {}): Promise<GetResult> {
    checkKey(key);
    const answer = await this.#read(() =>
      this.#client.range({ key: this.#keys.toEtcd(key), ...this.#at(options.revision) }),
    );
    const kv = answer.kvs[0];
    return {
      revision: options.revision ?? Number(answer.header?.revision) + this.#offset,
      item: kv && itemOf(this.#keys, this.#offset, kv),
    };
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    checkPrefix(prefix);
    checkWhole("limit", options.limit, 1);
    if (options.afterKey !== undefined) checkPrefix(options.afterKey);
    const { key, rangeEnd } = this.#keys.range(prefix, options.afterKey);
    const answer = await this.#read(() =>
      this.#client.range({
        key,
        range_end: rangeEnd,
        limit: options.limit ?? 0,
        ...this.#at(options.revision),
      }),
    );
    return {
      revision: options.revision ?? Number(answer.header?.revision) + this.#offset,
      items: answer.kvs.map((kv) => itemOf(this.#keys, this.#offset, kv)),
      remaining: Number(answer.count) - answer.kvs.length,
    };
  }

  async count(prefix: string): Promise<number> {
    checkPrefix(prefix);
    const { key, rangeEnd } = this.#keys.range(prefix);
    const answer = await this.#read(() => this.#client.range({ key, range_end: rangeEnd, count_only: true }));
    return Number(answer.count);
  }

  async lifetimes(prefix: string): Promise<ReadonlyMap<string, number>> {
    checkPrefix(prefix);
    const { key, rangeEnd } = this.#keys.range(prefix);
    const answer = await this.#read(() => this.#client.range({ key, range_end: rangeEnd, keys_only: true }));
    const ending = answer.kvs.filter((kv) => kv.lease !== "0");
    const found = new Map<string, number>();
    for (let i = 0; i < ending.length; i += leasesAtOnce) {
      const asked = ending.slice(i, i + leasesAtOnce).map(async (kv) => {
        const seconds = await this.#read(() => this.#client.leaseSeconds(kv.lease));
        found.set(this.#keys.fromEtcd(kv.key) ?? "", Math.max(0, seconds));
      });
      await Promise.all(asked);
    }
    return found;
  }

  create(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<WriteResult> {
    return this.#put(key, value, 0, options);
  }

  async update(
    key: string,
    value: Uint8Array,
    expectedRevision: number,
    options: WriteOptions = {},
  ): Promise<WriteResult> {
    checkWhole("expectedRevision", expectedRevision, 1);
    return await this.#put(key, value, this.#expected(expectedRevision), options);
  }

  async #put(key: string, value: Uint8Array, expected: number, options: WriteOptions): Promise<WriteResult> {
    checkKey(key);
    checkWhole("ttlSeconds", options.ttlSeconds, 1);
    checkValue(key, value);
    const name = this.#keys.toEtcd(key);
    const own = Buffer.from(value);
    const answer = await this.#write(async () => {
      const lease =
        options.ttlSeconds === undefined ? "0" : await this.#client.grantLease(options.ttlSeconds);
      return await this.#client.txn({
        compare: [standsAt(name, expected)],
        success: [put(name, own, lease), { request_range: { key: name, keys_only: true } }],
        failure: [{ request_range: { key: name } }],
      });
    });
    const kv = firstKeyValue(answer);
    const item = kv && itemOf(this.#keys, this.#offset, kv);
    if (answer.succeeded) return { written: true, item: { ...item!, value: own } };
    return { written: false, current: item };
  }

  async delete(key: string, options: { expectedRevision?: number } = {}): Promise<DeleteResult> {
    checkKey(key);
    checkWhole("expectedRevision", options.expectedRevision, 1);
    const name = this.#keys.toEtcd(key);
    const { expectedRevision } = options;
    const answer = await this.#write(() =>
      this.#client.txn({
        compare: expectedRevision === undefined ? [] : [standsAt(name, this.#expected(expectedRevision))],
        success: [{ request_delete_range: { key: name, prev_kv: true } }],
        failure: [{ request_range: { key: name } }],
      }),
    );
    const before = answer.responses[0]?.response_delete_range?.prev_kvs[0];
    if (before) {
      const revision = Number(answer.header?.revision) + this.#offset;
      return { deleted: true, revision, previous: itemOf(this.#keys, this.#offset, before) };
    }
    const kv = firstKeyValue(answer);
    return { deleted: false, current: kv && itemOf(this.#keys, this.#offset, kv) };
  }

  watch(prefix: string, after: number, listener: WatchListener): Disposable {
    this.#checkFollows();
    checkPrefix(prefix);
    checkWhole("after", after, 0);
    return this.#hub.add(prefix, after, listener);
  }

  async compact(revision: number): Promise<void> {
    checkWhole("revision", revision, 1);
    if (revision <= this.#offset) return;
    await this.#read(async () => {
      try {
        await this.#client.compact(revision - this.#offset);
      } catch (error) {
        const problem = storeError(error, this.info.label, "read");
        if (problem instanceof BerthError && problem.definition === revisionCompacted) return;
        throw error;
      }
    });
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    const closed = new BerthError(storeClosed, `the store (${this.info.label}) is closed`);
    this.#ending ??= closed;
    this.#timer?.cancel();
    await Promise.allSettled(this.#writing);
    await this.#follower.dispose();
    this.#hub.endAll(closed);
    this.#client.dispose();
  }

  async #history(prefix: string, after: number, limit: number): Promise<HistoryPage> {
    const { recent } = this.#follower;
    if (after < this.#compacted) throw cutShort(after);
    if (after >= recent.start) return recent.page(prefix, after, limit);
    const unpin = recent.pin();
    try {
      const options = { prefix, after, until: recent.start, limit };
      return await readHistory(this.#client, this.#keys, this.#offset, options);
    } catch (error) {
      throw storeError(error, this.info.label, "read");
    } finally {
      unpin();
    }
  }

  /** A revision that no key can have stands for one of another store: the offset makes nothing of it 0. */
  #expected(revision: number): number {
    return revision > this.#offset ? revision - this.#offset : -1;
  }

  #at(revision: number | undefined): { revision?: number } {
    if (revision === undefined) return {};
    checkWhole("revision", revision, 1);
    if (revision < firstReadable(this.#offset)) throw cutShort(revision);
    return { revision: revision - this.#offset };
  }

  async #read<T>(ask: () => Promise<T>): Promise<T> {
    this.#checkOpen();
    try {
      return await ask();
    } catch (error) {
      throw storeError(error, this.info.label, "read");
    }
  }

  /** Answers once this process's own watches have been told. */
  async #write(ask: () => Promise<TxnOutput>): Promise<TxnOutput> {
    this.#checkFollows();
    const writing = this.#writeAndSee(ask);
    this.#writing.add(writing);
    try {
      return await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  async #writeAndSee(ask: () => Promise<TxnOutput>): Promise<TxnOutput> {
    let answer: TxnOutput;
    try {
      answer = await ask();
    } catch (error) {
      throw storeError(error, this.info.label, "write");
    }
    const isChange = answer.responses.some(
      (one) => one.response_put || Number(one.response_delete_range?.deleted ?? 0) > 0,
    );
    if (isChange) await this.#seen(Number(answer.header?.revision) + this.#offset);
    return answer;
  }

  async #seen(revision: number): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = this.#clock.after(
      seenMs,
      () =>
        late.reject(
          new BerthError(
            storeOutcomeUnknown,
            `${this.info.label}: written, but the watch of the store is behind`,
          ),
        ),
      { background: true },
    );
    try {
      await Promise.race([this.#follower.until(revision), late.promise]);
    } finally {
      timer.cancel();
    }
  }

  #tellProgress(): void {
    if (this.#ending) return;
    const { reached } = this.#follower.recent;
    if (reached !== this.#toldRevision) this.#hub.progress((this.#toldRevision = reached));
    this.#timer = this.#clock.after(progressIntervalMs, () => this.#tellProgress(), { background: true });
  }

  #checkOpen(): void {
    if (this.#ending) throw this.#ending;
  }

  #checkFollows(): void {
    this.#checkOpen();
    if (this.#readOnly) throw new Error(`${this.info.label} was opened to read only`);
  }
}
