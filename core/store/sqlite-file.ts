import { randomUUID } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";

import { type DatabaseKind, openDatabase } from "@berth/sqlite";

import { firstReadable } from "./revision-checks.ts";

export const sqliteFormatVersion = 1;

/** "Brth" */
const applicationId = 0x42727468;

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

/** Opens the store file for this process alone, creating it if there is none; see openDatabase for what it refuses. */
export function openStoreFile(path: string, options: { revisionOffset?: number } = {}): DatabaseSync {
  const revisionOffset = options.revisionOffset ?? 0;
  const db = openDatabase(path, storeFile(revisionOffset));
  db.exec(
    "PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864",
  );
  return db;
}

function storeFile(revisionOffset: number): DatabaseKind {
  return {
    what: "store",
    applicationId,
    formatVersion: sqliteFormatVersion,
    create(db) {
      db.exec(schema);
      const put = db.prepare("INSERT INTO meta (name, value) VALUES (?, ?)");
      put.run("id", randomUUID());
      put.run("revision_offset", revisionOffset);
      put.run("compacted", firstReadable(revisionOffset));
      put.run("swept", firstReadable(revisionOffset));
    },
  };
}
