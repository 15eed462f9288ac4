import { existsSync } from "node:fs";
import { errorMessage } from "@berth/base";
import { type Feature, readLockHolder, tryLockFile } from "@berth/linux";
import { type CoreSettings, lockFile } from "../serve/core-settings.ts";

/** Whether another core lives on the same data directory. */
export function judgeSecondInstance(settings: CoreSettings): Feature {
  const path = lockFile(settings);
  const found = { name: "only instance", need: "required" } as const;
  if (!existsSync(path)) return { ...found, isPresent: true };
  try {
    const lock = tryLockFile(path);
    lock?.release();
    if (lock) return { ...found, isPresent: true };
  } catch (error) {
    return {
      ...found,
      isPresent: false,
      cause: `${path} cannot be locked: ${errorMessage(error)}`,
      fix: "make the data directory writable and free some space in it, or name another with --data-dir",
    };
  }
  return {
    ...found,
    isPresent: false,
    cause: `process ${readLockHolder(path)} already runs a core on ${settings.dataDirectory}`,
    fix: "use that one, end it, or name another directory with --data-dir",
  };
}
