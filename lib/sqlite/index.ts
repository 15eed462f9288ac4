export {
  databaseCorrupt,
  databaseError,
  databaseFailed,
  databaseForeign,
  databaseFull,
  databaseLocked,
  databaseNewerFormat,
  databaseReadOnly,
  isFatal,
} from "./errors.ts";
export { type DatabaseKind, fsyncDirectory, openDatabase } from "./open-database.ts";
