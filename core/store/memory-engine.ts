import { randomUUID } from "node:crypto";

import type { Engine, EngineOutcome, EngineState, EngineWrite, HistoryPage, ItemRead } from "./engine.ts";
import { compareKeys, prefixEnd, rangeStart } from "./keys.ts";
import {
  checkCompactable,
  checkReadable,
  compactedError,
  expectationHolds,
  firstReadable,
} from "./revision-checks.ts";
import type { ListOptions, ListResult, StoredItem, StoreEvent, StoreInfo } from "./store.ts";

/** One state of a key; without a value, its deletion. */
interface Version {
  readonly revision: number;
  readonly createRevision: number;
  readonly value: Buffer | undefined;
}

/** Everything in memory: for tests, and for a node that shall forget. Nothing in it is shared with its callers. */
export class MemoryEngine implements Engine {
  readonly info: StoreInfo;
  readonly #versions = new Map<string, Version[]>();
  readonly #expiries = new Map<string, number>();
  #keys: string[] = [];
  #events: StoreEvent[] = [];
  #revision: number;
  #compacted: number;

  constructor(options: { revisionOffset?: number } = {}) {
    const revisionOffset = options.revisionOffset ?? 0;
    this.info = { id: randomUUID(), label: "memory", formatVersion: 1, revisionOffset };
    this.#revision = revisionOffset + 1;
    this.#compacted = firstReadable(revisionOffset);
  }

  state(): EngineState {
    return { revision: this.#revision, compacted: this.#compacted };
  }

  apply(writes: readonly EngineWrite[]): EngineOutcome[] {
    return writes.map((write) => this.#apply(write));
  }

  get(key: string, revision: number | undefined): ItemRead {
    checkReadable(this.state(), revision);
    return { revision: revision ?? this.#revision, item: this.#at(key, revision ?? this.#revision) };
  }

  list(prefix: string, options: ListOptions): ListResult {
    checkReadable(this.state(), options.revision);
    const revision = options.revision ?? this.#revision;
    const items: StoredItem[] = [];
    let remaining = 0;
    for (const key of this.#keysOf(prefix, options.afterKey)) {
      const item = this.#at(key, revision);
      if (!item) continue;
      if (options.limit !== undefined && items.length >= options.limit) remaining++;
      else items.push(item);
    }
    return { revision, items, remaining };
  }

  lifetimes(prefix: string): { key: string; expiresAt: number }[] {
    return [...this.#expiries]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, expiresAt]) => ({ key, expiresAt }));
  }

  count(prefix: string): number {
    return this.list(prefix, {}).items.length;
  }

  history(prefix: string, after: number, limit: number): HistoryPage {
    if (after < this.#compacted) throw compactedError(after, this.#compacted);
    const events: StoreEvent[] = [];
    for (const event of this.#events) {
      if (event.revision <= after || !event.key.startsWith(prefix)) continue;
      if (events.length === limit) return { events, upTo: events.at(-1)!.revision, more: true };
      events.push(copyEvent(event));
    }
    return { events, upTo: this.#revision, more: false };
  }

  expired(now: number, limit: number): { key: string; modRevision: number }[] {
    return [...this.#expiries]
      .filter(([, expiresAt]) => expiresAt <= now)
      .sort(([, a], [, b]) => a - b)
      .slice(0, limit)
      .map(([key]) => ({ key, modRevision: this.#versions.get(key)!.at(-1)!.revision }));
  }

  compact(revision: number): boolean {
    checkCompactable(this.state(), revision);
    if (revision <= this.#compacted) return true;
    this.#compacted = revision;
    this.#events = this.#events.filter((event) => event.revision > revision);
    for (const [key, versions] of this.#versions) {
      const standing = versions.findLastIndex((version) => version.revision <= revision);
      if (standing < 0) continue;
      versions.splice(0, versions[standing]!.value ? standing : standing + 1);
      if (versions.length === 0) this.#versions.delete(key);
    }
    this.#keys = this.#keys.filter((key) => this.#versions.has(key));
    return true;
  }

  close(): void {
    this.#versions.clear();
    this.#expiries.clear();
    this.#keys = [];
    this.#events = [];
  }

  #apply(write: EngineWrite): EngineOutcome {
    const current = this.#at(write.key, this.#revision);
    if (!expectationHolds(write, current)) return { applied: false, current };
    const revision = ++this.#revision;
    const createRevision = current?.createRevision ?? revision;
    const value = write.kind === "delete" ? undefined : Buffer.from(write.value);
    this.#record(write.key, { revision, createRevision, value });
    if (write.kind !== "delete" && write.expiresAt !== undefined) {
      this.#expiries.set(write.key, write.expiresAt);
    } else {
      this.#expiries.delete(write.key);
    }
    const { key } = write;
    this.#events.push(
      value
        ? {
            type: "put",
            revision,
            key,
            item: { key, value, createRevision, modRevision: revision },
            previous: current,
          }
        : { type: "delete", revision, key, previous: current! },
    );
    return { applied: true, revision, createRevision, previous: current && copyItem(current) };
  }

  #record(key: string, version: Version): void {
    const versions = this.#versions.get(key);
    if (versions) {
      versions.push(version);
      return;
    }
    this.#versions.set(key, [version]);
    this.#keys.splice(this.#position(key), 0, key);
  }

  #at(key: string, revision: number): StoredItem | undefined {
    const version = this.#versions.get(key)?.findLast((candidate) => candidate.revision <= revision);
    if (!version?.value) return undefined;
    const { createRevision } = version;
    return { key, value: Buffer.from(version.value), createRevision, modRevision: version.revision };
  }

  *#keysOf(prefix: string, afterKey: string | undefined): Generator<string> {
    const end = prefixEnd(prefix);
    for (let i = this.#position(rangeStart(prefix, afterKey)); i < this.#keys.length; i++) {
      const key = this.#keys[i]!;
      if (compareKeys(key, end) >= 0) return;
      yield key;
    }
  }

  /** Index of the first key that is not below this one. */
  #position(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function copyItem(item: StoredItem): StoredItem {
  return { ...item, value: Buffer.from(item.value) };
}

function copyEvent(event: StoreEvent): StoreEvent {
  return event.type === "put"
    ? { ...event, item: copyItem(event.item), previous: event.previous && copyItem(event.previous) }
    : { ...event, previous: copyItem(event.previous) };
}
