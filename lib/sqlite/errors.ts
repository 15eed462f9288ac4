import { BerthError, type ErrorDefinition, errorMessage } from "@berth/base";

export const databaseFull = BerthError.define({
  code: "BERTH_DATABASE_FULL",
  grpc: "RESOURCE_EXHAUSTED",
  http: 507,
  owner: "operator",
  next: "Free space on the file system of the data directory; writes work again at once, no restart is needed.",
});

export const databaseReadOnly = BerthError.define({
  code: "BERTH_DATABASE_READ_ONLY",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Make the data directory writable for this user, or mount its file system read-write, and start again.",
});

export const databaseCorrupt = BerthError.define({
  code: "BERTH_DATABASE_CORRUPT",
  grpc: "DATA_LOSS",
  http: 500,
  owner: "operator",
  next: "Keep a copy of the file, restore the newest backup, and check the disk; the file was not changed.",
});

export const databaseNewerFormat = BerthError.define({
  code: "BERTH_DATABASE_NEWER_FORMAT",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Start the version of Berth that wrote it, or a newer one; the file was not changed.",
});

export const databaseForeign = BerthError.define({
  code: "BERTH_DATABASE_FOREIGN",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Name another data directory, or move the file away if it is not needed; it was not changed.",
});

export const databaseLocked = BerthError.define({
  code: "BERTH_DATABASE_LOCKED",
  grpc: "FAILED_PRECONDITION",
  http: 500,
  owner: "operator",
  next: "Stop the process that holds the file, or give this one another data directory.",
});

export const databaseFailed = BerthError.define({
  code: "BERTH_DATABASE_FAILED",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "operator",
  next: "Check the disk and the kernel log, then start Berth again; what was acknowledged is in the file.",
});

/** Primary result codes of SQLite (https://sqlite.org/rescode.html) that a user can do something about. */
const meanings = new Map<number, { definition: ErrorDefinition; sentence: string }>([
  [5, { definition: databaseLocked, sentence: "is in use by another process" }],
  [8, { definition: databaseReadOnly, sentence: "cannot be written" }],
  [11, { definition: databaseCorrupt, sentence: "is damaged" }],
  [13, { definition: databaseFull, sentence: "cannot grow: no space is left on its file system" }],
  [14, { definition: databaseReadOnly, sentence: "cannot be opened or created" }],
  [26, { definition: databaseCorrupt, sentence: "is damaged or no database at all" }],
]);

/** What SQLite or the file system threw, as an error that names the file, the cause and the way out. */
export function databaseError(
  error: unknown,
  file: { readonly what: string; readonly path: string },
): BerthError {
  if (error instanceof BerthError) return error;
  const { definition, sentence } = systemMeaning(error) ?? sqliteMeaning(error);
  return new BerthError(
    definition,
    `the ${file.what} file ${file.path} ${sentence}: ${errorMessage(error)}`,
    {
      cause: error,
    },
  );
}

/** Whether the disk failed (SQLITE_IOERR) or the file proved damaged, as against full or busy. */
export function isFatal(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== undefined && [10, 11, 26].includes(code);
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === 5;
}

function sqliteMeaning(error: unknown): { definition: ErrorDefinition; sentence: string } {
  const code = sqliteCode(error);
  const meaning = code === undefined ? undefined : meanings.get(code);
  return meaning ?? { definition: databaseFailed, sentence: "failed" };
}

function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}

function systemMeaning(error: unknown): { definition: ErrorDefinition; sentence: string } | undefined {
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  return code === "ENOSPC" || code === "EDQUOT" ? meanings.get(13) : meanings.get(14);
}
