import type { DatabaseSync } from "node:sqlite";

import { BerthError } from "@berth/base";
import { databaseCorrupt, databaseError, databaseFailed, isFatal } from "@berth/sqlite";

import type { Engine, EngineOutcome, EngineState, EngineWrite, HistoryPage, ItemRead } from "./engine.ts";
import { keyAfter, prefixEnd, rangeStart } from "./keys.ts";
import { checkCompactable, checkReadable, compactedError, expectationHolds } from "./revision-checks.ts";
import { openStoreFile, sqliteFormatVersion } from "./sqlite-file.ts";
import { prepareStatements, type Row, type Statements } from "./sqlite-statements.ts";
import type { ListOptions, ListResult, StoredItem, StoreEvent, StoreInfo } from "./store.ts";

/** Revisions looked at in one step of a history or a compaction, so that writers never wait long behind one. */
const stepRevisions = 4000;

/** The store file of one process. Synchronous: lives in a worker thread, see sqlite-worker.ts. */
export class SqliteEngine implements Engine {
  readonly info: StoreInfo;
  readonly #path: string;
  readonly #db: DatabaseSync;
  readonly #sql: Statements;
  #revision: number;
  #compacted: number;
  #swept: number;
  #broken: BerthError | undefined;

  constructor(path: string, options: { revisionOffset?: number } = {}) {
    this.#path = path;
    this.#db = openStoreFile(path, options);
    try {
      this.#sql = prepareStatements(this.#db);
      const revisionOffset = this.#metaNumber("revision_offset");
      const id = this.#sql.getMeta.get("id")?.["value"];
      if (typeof id !== "string")
        throw new BerthError(databaseCorrupt, `the store file ${path} has lost its id`);
      this.info = { id, label: `sqlite ${path}`, formatVersion: sqliteFormatVersion, revisionOffset };
      this.#compacted = this.#metaNumber("compacted");
      this.#swept = this.#metaNumber("swept");
      const newest = Number(this.#sql.newest.get()?.["rev"] ?? 0);
      this.#revision = Math.max(newest, this.#compacted, revisionOffset + 1);
    } catch (error) {
      this.#db.close();
      throw databaseError(error, { what: "store", path: this.#path });
    }
  }

  state(): EngineState {
    return { revision: this.#revision, compacted: this.#compacted };
  }

  apply(writes: readonly EngineWrite[]): EngineOutcome[] {
    let revision = this.#revision;
    const outcomes = this.#transaction(() =>
      writes.map((write) => {
        const outcome = this.#applyOne(write, revision + 1);
        if (outcome.applied) revision = outcome.revision;
        return outcome;
      }),
    );
    this.#revision = revision;
    return outcomes;
  }

  get(key: string, revision: number | undefined): ItemRead {
    checkReadable(this.state(), revision);
    const row = this.#reading(() =>
      revision === undefined ? this.#sql.current.get(key) : this.#sql.at.get(key, revision),
    );
    return { revision: revision ?? this.#revision, item: row && itemOf(row as unknown as Row) };
  }

  list(prefix: string, options: ListOptions): ListResult {
    checkReadable(this.state(), options.revision);
    const revision = options.revision ?? this.#revision;
    const end = prefixEnd(prefix);
    const isNow = revision === this.#revision;
    const limit = options.limit ?? -1;
    return this.#reading(() => {
      const from = rangeStart(prefix, options.afterKey);
      const rows = isNow
        ? this.#sql.list.all(from, end, limit)
        : this.#sql.listAt.all(from, end, revision, limit);
      const items = rows.map((row) => itemOf(row as unknown as Row));
      if (limit < 0 || items.length < limit) return { revision, items, remaining: 0 };
      const rest = keyAfter(items.at(-1)!.key);
      const counted = isNow ? this.#sql.count.get(rest, end) : this.#sql.countAt.get(rest, end, revision);
      return { revision, items, remaining: Number(counted?.["n"]) };
    });
  }

  count(prefix: string): number {
    return this.#reading(() => Number(this.#sql.count.get(prefix, prefixEnd(prefix))?.["n"]));
  }

  lifetimes(prefix: string): { key: string; expiresAt: number }[] {
    return this.#reading(() =>
      this.#sql.lifetimes
        .all(prefix, prefixEnd(prefix))
        .map((row) => ({ key: String(row["key"]), expiresAt: Number(row["expires"]) })),
    );
  }

  history(prefix: string, after: number, limit: number): HistoryPage {
    if (after < this.#compacted) throw compactedError(after, this.#compacted);
    const until = Math.min(this.#revision, after + stepRevisions);
    return this.#reading(() => {
      const events = this.#sql.history
        .all(after, until, prefix, prefixEnd(prefix), limit)
        .map((row) => this.#eventOf(row as unknown as Row));
      const upTo = events.length < limit ? Math.max(until, after) : events.at(-1)!.revision;
      return { events, upTo, more: upTo < this.#revision };
    });
  }

  expired(now: number, limit: number): { key: string; modRevision: number }[] {
    return this.#reading(() =>
      this.#sql.expired
        .all(now, limit)
        .map((row) => ({ key: String(row["key"]), modRevision: Number(row["rev"]) })),
    );
  }

  compact(revision: number): boolean {
    checkCompactable(this.state(), revision);
    const target = Math.max(revision, this.#compacted);
    const step = Math.min(target, this.#swept + stepRevisions);
    if (step <= this.#swept && target === this.#compacted) return true;
    this.#transaction(() => {
      this.#sql.setMeta.run(target, "compacted");
      this.#sql.setMeta.run(step, "swept");
      this.#sql.dropSuperseded.run(this.#swept, step);
      this.#sql.dropDeletions.run(this.#swept, step);
    });
    this.#compacted = target;
    this.#swept = step;
    return step >= target;
  }

  close(): void {
    this.#db.close();
  }

  #applyOne(write: EngineWrite, revision: number): EngineOutcome {
    const { key } = write;
    const row = this.#sql.current.get(key) as unknown as Row | undefined;
    const current = row && itemOf(row);
    if (!expectationHolds(write, current)) return { applied: false, current };
    const createRevision = current?.createRevision ?? revision;
    const value = write.kind === "delete" ? null : write.value;
    this.#sql.insert.run(revision, key, createRevision, current?.modRevision ?? 0, value);
    if (write.kind === "delete") this.#sql.drop.run(key);
    else this.#sql.point.run(key, revision, createRevision, write.expiresAt ?? null);
    return { applied: true, revision, createRevision, previous: current };
  }

  #eventOf(row: Row): StoreEvent {
    const before = row.prev_rev === 0 ? undefined : this.#sql.version.get(row.prev_rev);
    const previous = before && itemOf(before as unknown as Row);
    const { rev: revision, key } = row;
    if (row.value !== null) return { type: "put", revision, key, item: itemOf(row), previous };
    if (previous) return { type: "delete", revision, key, previous };
    throw new BerthError(
      databaseCorrupt,
      `the store file ${this.#path} has lost what revision ${revision} deleted`,
    );
  }

  #metaNumber(name: string): number {
    const value = this.#sql.getMeta.get(name)?.["value"];
    if (typeof value === "number") return value;
    throw new BerthError(databaseCorrupt, `the store file ${this.#path} has lost its entry ${name}`);
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw databaseError(error, { what: "store", path: this.#path });
    }
  }

  /**
   * After a failed write or fsync nobody knows what the disk holds, so no further write is tried on it; a full disk is
   * no such failure.
   */
  #transaction<T>(work: () => T): T {
    if (this.#broken) throw this.#broken;
    try {
      this.#db.exec("BEGIN IMMEDIATE");
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      const problem = databaseError(error, { what: "store", path: this.#path });
      if (isFatal(error)) {
        this.#broken = new BerthError(
          databaseFailed,
          `${this.info.label} takes no more writes: ${problem.message}`,
        );
      }
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw problem;
    }
  }
}

function itemOf(row: Row): StoredItem {
  const bytes = row.value!;
  return {
    key: row.key,
    value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    createRevision: row.create_rev,
    modRevision: row.rev,
  };
}
