import { existsSync } from "node:fs";
import { type Feature, readLockHolder, tryLockFile } from "@berth/linux";
import { type CoreSettings, lockFile } from "../serve/core-settings.ts";

/** Whether another core lives on the same data directory. */
export function judgeSecondInstance(settings: CoreSettings): Feature[] {
  const path = lockFile(settings);
  if (!existsSync(path)) return [{ name: "only instance", need: "required", isPresent: true }];
  const lock = tryLockFile(path);
  lock?.release();
  if (lock) return [{ name: "only instance", need: "required", isPresent: true }];
  return [
    {
      name: "only instance",
      need: "required",
      isPresent: false,
      cause: `process ${readLockHolder(path)} already runs a core on ${settings.dataDirectory}`,
      fix: "use that one, end it, or name another directory with --data-dir",
    },
  ];
}
