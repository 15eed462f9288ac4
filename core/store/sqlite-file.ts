import { randomUUID } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { BerthError } from "@berth/base";

import {
  storeCorrupt,
  storeForeign,
  storeFull,
  storeLocked,
  storeNewerFormat,
  storeReadOnly,
} from "./errors.ts";
import { firstReadable } from "./revision-checks.ts";
import { sqliteError } from "./sqlite-errors.ts";

export const sqliteFormatVersion = 1;

/** "Brth": tells our files from other SQLite databases. */
const applicationId = 0x42727468;

/** A whole check reads every page, some 300 MB a second; larger files get it from `berth store check`. */
const checkAtOpenBytes = 64 * 1024 * 1024;

/**
 * `log` holds every version of every key not yet compacted, a NULL value being a deletion; `cur` points at the
 * version that stands. A value is written once, and nothing is rewritten when it is superseded.
 */
const schema = `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
  CREATE TABLE log (
    rev INTEGER PRIMARY KEY, key TEXT NOT NULL, create_rev INTEGER NOT NULL, prev_rev INTEGER NOT NULL, value BLOB
  ) STRICT;
  CREATE INDEX log_by_key ON log (key, rev);
  CREATE TABLE cur (
    key TEXT PRIMARY KEY, rev INTEGER NOT NULL, create_rev INTEGER NOT NULL, expires INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cur_by_expiry ON cur (expires) WHERE expires IS NOT NULL;
`;

/**
 * Opens a store file for this process alone, creating it if there is none. A file that is damaged, foreign, newer or
 * held by somebody else is refused unchanged.
 */
export function openStoreFile(path: string, options: { revisionOffset?: number } = {}): DatabaseSync {
  try {
    if (!existsSync(path)) createStoreFile(path, options.revisionOffset ?? 0);
    return openExisting(path);
  } catch (error) {
    throw isSystemError(error) ? systemError(error, path) : sqliteError(error, path);
  }
}

function openExisting(path: string): DatabaseSync {
  if (statSync(path).size === 0) {
    throw new BerthError(storeCorrupt, `the store file ${path} is empty: everything in it was cut off`);
  }
  accessSync(path, constants.W_OK);
  accessSync(dirname(path), constants.W_OK);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    checkFormat(db, path);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536");
    db.exec(
      "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY",
    );
    // Takes the lock for good and shows at once whether the file can be written.
    db.exec("BEGIN EXCLUSIVE; COMMIT");
    if (statSync(path).size <= checkAtOpenBytes) checkPages(db, path);
    return db;
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === 5) throw lockedError(path);
    throw error;
  }
}

function checkFormat(db: DatabaseSync, path: string): void {
  const id = pragma(db, "application_id");
  if (id !== applicationId) {
    throw new BerthError(storeForeign, `${path} is a SQLite database, but not a store of Berth`);
  }
  const format = pragma(db, "user_version");
  if (format > sqliteFormatVersion) {
    throw new BerthError(
      storeNewerFormat,
      `the store file ${path} has format ${format}; this version of Berth knows up to ${sqliteFormatVersion}`,
    );
  }
}

/** @throws STORE_CORRUPT naming the first thing found wrong. */
export function checkPages(db: DatabaseSync, path: string): void {
  const [row] = db.prepare("PRAGMA quick_check(1)").all();
  const verdict = String(row?.["quick_check"]);
  if (verdict !== "ok") throw new BerthError(storeCorrupt, `the store file ${path} is damaged: ${verdict}`);
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Built aside and linked into place, so that a crash or a full disk leaves no half-made store behind. */
function createStoreFile(path: string, revisionOffset: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new-${process.pid}-${randomUUID()}`;
  try {
    const db = new DatabaseSync(draft);
    try {
      db.exec("PRAGMA page_size = 8192; PRAGMA synchronous = FULL; BEGIN");
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${sqliteFormatVersion}`);
      db.exec(schema);
      const put = db.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
      put.run("id", randomUUID());
      put.run("revision_offset", revisionOffset);
      put.run("compacted", firstReadable(revisionOffset));
      put.run("swept", firstReadable(revisionOffset));
      db.exec("COMMIT");
    } finally {
      db.close();
    }
    linkSync(draft, path);
    fsyncDirectory(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    for (const rest of ["", "-journal", "-wal"]) rmSync(draft + rest, { force: true });
  }
}

function fsyncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function lockedError(path: string): BerthError {
  const pid = lockHolder(readFileSync("/proc/locks", "utf8"), statSync(path).ino);
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return new BerthError(storeLocked, `the store file ${path} is in use by ${holder}`, { fields: { pid } });
}

/** The process that holds a lock on an inode, from the text of /proc/locks (see proc_locks(5)). */
export function lockHolder(locks: string, inode: number): number | undefined {
  for (const line of locks.split("\n")) {
    const match = /\s(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (match && Number(match[2]) === inode && !line.includes("->")) return Number(match[1]);
  }
  return undefined;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === "string";
}

function systemError(error: NodeJS.ErrnoException, path: string): BerthError {
  const full = error.code === "ENOSPC" || error.code === "EDQUOT";
  return new BerthError(
    full ? storeFull : storeReadOnly,
    `the store file ${path} cannot be ${full ? "created: no space is left" : "opened or created"}: ${error.message}`,
    { cause: error },
  );
}
