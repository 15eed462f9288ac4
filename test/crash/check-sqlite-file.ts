import { DatabaseSync } from "node:sqlite";

/** Lets SQLite itself judge the file. Throws what it finds. */
export function checkSqliteFile(path: string): void {
  const db = new DatabaseSync(path);
  try {
    const answers = db.prepare("PRAGMA integrity_check").all();
    const text = answers.map((row) => String(Object.values(row)[0])).join("; ");
    if (text !== "ok") throw new Error(`${path} is damaged: ${text}`);
  } finally {
    db.close();
  }
}
