import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A version of a key, as `log` keeps it. */
export interface Row {
  readonly rev: number;
  readonly key: string;
  readonly create_rev: number;
  readonly prev_rev: number;
  readonly value: Uint8Array | null;
}

export type Statements = ReturnType<typeof prepareStatements>;

const version = "l.rev, l.key, l.create_rev, l.prev_rev, l.value";

/** The newest version of each key in [?, ?) at revision ?, in key order, from the index alone. */
const newestAt = "SELECT key, MAX(rev) AS rev FROM log WHERE key >= ? AND key < ? AND rev <= ? GROUP BY key";

/** Every statement the engine runs, prepared once. Ranges of keys are given as [from, end). */
export function prepareStatements(db: DatabaseSync) {
  const sql = (text: string): StatementSync => db.prepare(text);
  return {
    getMeta: sql("SELECT value FROM meta WHERE name = ?"),
    setMeta: sql("UPDATE meta SET value = ? WHERE name = ?"),
    newest: sql("SELECT MAX(rev) AS rev FROM log"),

    current: sql(`SELECT ${version} FROM cur c JOIN log l ON l.rev = c.rev WHERE c.key = ?`),
    version: sql(`SELECT ${version} FROM log l WHERE l.rev = ?`),
    at: sql(
      `SELECT * FROM (SELECT ${version} FROM log l WHERE l.key = ? AND l.rev <= ? ORDER BY l.rev DESC LIMIT 1)
       WHERE value IS NOT NULL`,
    ),
    list: sql(
      `SELECT ${version} FROM cur c CROSS JOIN log l ON l.rev = c.rev
       WHERE c.key >= ? AND c.key < ? ORDER BY c.key LIMIT ?`,
    ),
    count: sql("SELECT COUNT(*) AS n FROM cur WHERE key >= ? AND key < ?"),
    listAt: sql(
      `SELECT ${version} FROM (${newestAt}) m CROSS JOIN log l ON l.rev = m.rev
       WHERE l.value IS NOT NULL ORDER BY m.key LIMIT ?`,
    ),
    countAt: sql(
      `SELECT COUNT(*) AS n FROM (${newestAt}) m CROSS JOIN log l ON l.rev = m.rev WHERE l.value IS NOT NULL`,
    ),
    history: sql(
      `SELECT ${version} FROM log l NOT INDEXED
       WHERE l.rev > ? AND l.rev <= ? AND l.key >= ? AND l.key < ? ORDER BY l.rev LIMIT ?`,
    ),
    lifetimes: sql("SELECT key, expires FROM cur WHERE expires IS NOT NULL AND key >= ? AND key < ?"),
    expired: sql(
      "SELECT key, rev FROM cur WHERE expires IS NOT NULL AND expires <= ? ORDER BY expires LIMIT ?",
    ),

    insert: sql("INSERT INTO log (rev, key, create_rev, prev_rev, value) VALUES (?, ?, ?, ?, ?)"),
    point: sql(
      `INSERT INTO cur (key, rev, create_rev, expires) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE
       SET rev = excluded.rev, create_rev = excluded.create_rev, expires = excluded.expires`,
    ),
    drop: sql("DELETE FROM cur WHERE key = ?"),
    dropSuperseded: sql(
      `DELETE FROM log WHERE rev IN
       (SELECT prev_rev FROM log WHERE rev > ? AND rev <= ? AND prev_rev > 0)`,
    ),
    dropDeletions: sql("DELETE FROM log WHERE rev > ? AND rev <= ? AND value IS NULL"),
  };
}
