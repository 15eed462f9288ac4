import type { DatabaseSync, StatementSync } from "node:sqlite";

import { type Clock, systemClock } from "@berth/base";
import { databaseError, openDatabase } from "@berth/sqlite";

import type { Bucket, Checkpoint, Intent, Intents } from "./checkpoint.ts";

const checkpointFile = {
  what: "checkpoint",
  /** "Brck" */
  applicationId: 0x4272636b,
  formatVersion: 1,
  create(db: DatabaseSync) {
    db.exec(`
      CREATE TABLE entries (
        bucket TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (bucket, key)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE intents (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, payload TEXT NOT NULL,
        begun_at INTEGER NOT NULL, UNIQUE (kind, key)
      ) STRICT;
    `);
  },
};

/**
 * Opens the node's checkpoint file, creating it if there is none, and holds it until close.
 * @throws DATABASE_LOCKED with the holder's pid, _CORRUPT, _NEWER_FORMAT, _FOREIGN, _READ_ONLY, _FULL
 */
export function openCheckpoint(path: string, options: { clock?: Clock } = {}): Checkpoint {
  return new SqliteCheckpoint(path, openDatabase(path, checkpointFile), options.clock ?? systemClock);
}

class SqliteCheckpoint implements Checkpoint {
  readonly path: string;
  readonly intents: Intents;
  readonly #db: DatabaseSync;
  readonly #entries: EntryStatements;
  #depth = 0;

  constructor(path: string, db: DatabaseSync, clock: Clock) {
    this.path = path;
    this.#db = db;
    this.#entries = entryStatements(db);
    this.intents = new SqliteIntents(db, clock, (work) => this.transaction(work));
  }

  bucket<T>(name: string): Bucket<T> {
    const { get, put, remove, range } = this.#entries;
    const change = (work: () => number | bigint): boolean => this.transaction(() => Number(work()) > 0);
    return {
      get: (key) => {
        const row = this.#guarded(() => get.get(name, key));
        return row && (JSON.parse(String(row["value"])) as T);
      },
      has: (key) => this.#guarded(() => get.get(name, key)) !== undefined,
      put: (key, value) => {
        const text = JSON.stringify(value);
        change(() => put.run(name, key, text).changes);
      },
      delete: (key) => change(() => remove.run(name, key).changes),
      entries: (prefix = "") =>
        this.#guarded(() => range.all(name, prefix)).map((row) => [
          String(row["key"]),
          JSON.parse(String(row["value"])) as T,
        ]),
      keys: (prefix = "") => this.#guarded(() => range.all(name, prefix)).map((row) => String(row["key"])),
    };
  }

  transaction<T>(work: () => T): T {
    const savepoint = `level${this.#depth++}`;
    try {
      return this.#guarded(() => {
        this.#db.exec(savepoint === "level0" ? "BEGIN IMMEDIATE" : `SAVEPOINT ${savepoint}`);
        const result = work();
        this.#db.exec(savepoint === "level0" ? "COMMIT" : `RELEASE ${savepoint}`);
        return result;
      });
    } catch (error) {
      // A full disk may have rolled everything back already.
      if (this.#db.isTransaction) {
        this.#db.exec(savepoint === "level0" ? "ROLLBACK" : `ROLLBACK TO ${savepoint}; RELEASE ${savepoint}`);
      }
      throw error;
    } finally {
      this.#depth--;
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  /** Lets errors of the caller's own work pass as they are. */
  #guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if ((error as { errcode?: unknown }).errcode === undefined) throw error;
      throw databaseError(error, { what: checkpointFile.what, path: this.path });
    }
  }
}

class SqliteIntents implements Intents {
  readonly #clock: Clock;
  readonly #transaction: <T>(work: () => T) => T;
  readonly #insert: StatementSync;
  readonly #one: StatementSync;
  readonly #all: StatementSync;
  readonly #remove: StatementSync;

  constructor(db: DatabaseSync, clock: Clock, transaction: <T>(work: () => T) => T) {
    this.#clock = clock;
    this.#transaction = transaction;
    this.#insert = db.prepare(
      "INSERT INTO intents (kind, key, payload, begun_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    );
    this.#one = db.prepare("SELECT * FROM intents WHERE kind = ? AND key = ?");
    this.#all = db.prepare("SELECT * FROM intents WHERE ? IS NULL OR kind = ?1 ORDER BY id");
    this.#remove = db.prepare("DELETE FROM intents WHERE id = ?");
  }

  begin<P>(kind: string, key: string, payload: P): Intent<P> {
    return this.#transaction(() => {
      this.#insert.run(kind, key, JSON.stringify(payload), this.#clock.now());
      return this.#intent<P>(this.#one.get(kind, key) as unknown as IntentRow);
    });
  }

  unfinished<P = unknown>(kind?: string): Intent<P>[] {
    return this.#transaction(() =>
      this.#all.all(kind ?? null).map((row) => this.#intent<P>(row as unknown as IntentRow)),
    );
  }

  #intent<P>(row: IntentRow): Intent<P> {
    const end = (record?: () => void): void =>
      this.#transaction(() => {
        this.#remove.run(row.id);
        record?.();
      });
    return {
      kind: row.kind,
      key: row.key,
      payload: JSON.parse(row.payload) as P,
      begunAt: row.begun_at,
      complete: end,
      abandon: end,
    };
  }
}

interface IntentRow {
  readonly id: number;
  readonly kind: string;
  readonly key: string;
  readonly payload: string;
  readonly begun_at: number;
}

type EntryStatements = ReturnType<typeof entryStatements>;

function entryStatements(db: DatabaseSync) {
  return {
    get: db.prepare("SELECT value FROM entries WHERE bucket = ? AND key = ?"),
    put: db.prepare(
      `INSERT INTO entries (bucket, key, value) VALUES (?, ?, ?)
       ON CONFLICT (bucket, key) DO UPDATE SET value = excluded.value`,
    ),
    remove: db.prepare("DELETE FROM entries WHERE bucket = ? AND key = ?"),
    range: db.prepare(
      "SELECT key, value FROM entries WHERE bucket = ? AND key >= ? AND substr(key, 1, length(?2)) = ?2 ORDER BY key",
    ),
  };
}
