import { BerthError, type ErrorDefinition, errorMessage } from "@berth/base";

import { storeCorrupt, storeFailed, storeFull, storeLocked, storeReadOnly } from "./errors.ts";

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that a user can do something about. */
const meanings = new Map<number, { definition: ErrorDefinition; sentence: string }>([
  [5, { definition: storeLocked, sentence: "is in use by another process" }],
  [8, { definition: storeReadOnly, sentence: "cannot be written" }],
  [11, { definition: storeCorrupt, sentence: "is damaged" }],
  [13, { definition: storeFull, sentence: "cannot grow: no space is left on its file system" }],
  [14, { definition: storeReadOnly, sentence: "cannot be opened or created" }],
  [26, { definition: storeCorrupt, sentence: "is damaged or no store file at all" }],
]);

/** What SQLite threw, as an error that names the file, the cause and the way out. */
export function sqliteError(error: unknown, path: string): BerthError {
  if (error instanceof BerthError) return error;
  const code = (error as { errcode?: unknown }).errcode;
  const meaning = typeof code === "number" ? meanings.get(code & 0xff) : undefined;
  return new BerthError(
    meaning?.definition ?? storeFailed,
    `the store file ${path} ${meaning?.sentence ?? "failed"}: ${errorMessage(error)}`,
    { cause: error },
  );
}

/** Whether the disk failed (SQLITE_IOERR) or the file proved damaged, as against full or busy. */
export function isFatal(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" && [10, 11, 26].includes(code & 0xff);
}
