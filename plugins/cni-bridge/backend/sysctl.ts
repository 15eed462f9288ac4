import { readFileSync, writeFileSync } from "node:fs";
import { errorMessage } from "@berth/base";

/** Writes a kernel setting unless it has that value already: some systems mount /proc/sys read-only. */
export function setSysctl(path: string, value: string): void {
  const file = `/proc/sys/${path}`;
  try {
    if (readFileSync(file, "utf8").trim() !== value) writeFileSync(file, value);
  } catch (error) {
    throw new Error(`kernel setting ${path} cannot be set to ${value}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

export function readSysctl(path: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${path}`, "utf8").trim();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
