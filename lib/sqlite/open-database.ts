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
  databaseCorrupt,
  databaseError,
  databaseForeign,
  databaseLocked,
  databaseNewerFormat,
  isBusy,
} from "./errors.ts";
import { lockHolder } from "./lock-holder.ts";

/** A kind of database file of ours. */
export interface DatabaseKind {
  /** For messages: "store" gives "the store file /…". */
  readonly what: string;
  /** 32 bits that tell these files from all other SQLite databases. */
  readonly applicationId: number;
  /** The newest layout this program knows; kept in the file as user_version. */
  readonly formatVersion: number;
  /** Lays out a new file, within a transaction. */
  create(db: DatabaseSync): void;
}

/** A whole check reads every page, some 300 MB a second; larger files are not checked at opening. */
const checkAtOpenBytes = 64 * 1024 * 1024;

/**
 * Opens a file for this process alone, creating it (its directory 0700) if there is none: write-ahead log, every commit
 * synced. A file that is damaged, foreign, newer or held by somebody else is refused unchanged.
 */
export function openDatabase(path: string, kind: DatabaseKind): DatabaseSync {
  try {
    if (!existsSync(path)) createFile(path, kind);
    return openExisting(path, kind);
  } catch (error) {
    throw databaseError(error, { what: kind.what, path });
  }
}

function openExisting(path: string, kind: DatabaseKind): DatabaseSync {
  if (statSync(path).size === 0) {
    throw new BerthError(
      databaseCorrupt,
      `the ${kind.what} file ${path} is empty: everything in it was cut off`,
    );
  }
  accessSync(path, constants.W_OK);
  accessSync(dirname(path), constants.W_OK);
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    db.exec("PRAGMA locking_mode = EXCLUSIVE");
    checkFormat(db, path, kind);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY");
    // Takes the lock for good and shows at once whether the file can be written.
    db.exec("BEGIN EXCLUSIVE; COMMIT");
    if (statSync(path).size <= checkAtOpenBytes) checkPages(db, path, kind);
    return db;
  } catch (error) {
    db.close();
    throw isBusy(error) ? lockedError(path, kind) : error;
  }
}

function checkFormat(db: DatabaseSync, path: string, kind: DatabaseKind): void {
  if (pragma(db, "application_id") !== kind.applicationId) {
    throw new BerthError(databaseForeign, `${path} is a SQLite database, but no ${kind.what} file of Berth`);
  }
  const format = pragma(db, "user_version");
  if (format > kind.formatVersion) {
    throw new BerthError(
      databaseNewerFormat,
      `the ${kind.what} file ${path} has format ${format}; this version of Berth knows up to ${kind.formatVersion}`,
    );
  }
}

function checkPages(db: DatabaseSync, path: string, kind: DatabaseKind): void {
  const verdict = String(db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"]);
  if (verdict === "ok") return;
  throw new BerthError(databaseCorrupt, `the ${kind.what} file ${path} is damaged: ${verdict}`);
}

function pragma(db: DatabaseSync, name: "application_id" | "user_version"): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Built aside and linked into place, so that a crash or a full disk leaves no half-made file behind. */
function createFile(path: string, kind: DatabaseKind): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.new-${randomUUID()}`;
  try {
    // Its log and its index get the rights of the file.
    closeSync(openSync(draft, "wx", 0o600));
    const db = new DatabaseSync(draft);
    try {
      db.exec("PRAGMA page_size = 8192; PRAGMA synchronous = FULL; BEGIN");
      db.exec(`PRAGMA application_id = ${kind.applicationId}; PRAGMA user_version = ${kind.formatVersion}`);
      kind.create(db);
      db.exec("COMMIT");
    } finally {
      db.close();
    }
    linkSync(draft, path);
    fsyncDirectory(dirname(path));
  } catch (error) {
    // Somebody else made it first; opening it tells whether he holds it.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    for (const rest of ["", "-journal"]) rmSync(draft + rest, { force: true });
  }
}

/** Until then a power cut may take the name of a file that is in it. */
export function fsyncDirectory(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function lockedError(path: string, kind: DatabaseKind): BerthError {
  const pid = lockHolder(readFileSync("/proc/locks", "utf8"), statSync(path).ino);
  const holder = pid === undefined ? "another process" : `process ${pid}`;
  return new BerthError(databaseLocked, `the ${kind.what} file ${path} is in use by ${holder}`, {
    fields: { pid },
  });
}
