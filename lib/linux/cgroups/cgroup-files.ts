import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "@berth/base";
import { isErrno, LinuxError } from "../linux-error.ts";

/** Writes one value; the kernel's refusal is told with file and value. */
export function writeValue(folder: string, file: string, value: string | number): void {
  const path = join(folder, file);
  try {
    writeFileSync(path, String(value));
  } catch (error) {
    const number = error instanceof Error && "errno" in error ? -Number(error.errno) : 0;
    if (number > 0) throw new LinuxError(`write ${value} to ${path}`, number);
    throw new Error(`write ${value} to ${path}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Undefined when the group is gone. */
export function readText(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return undefined;
    throw error;
  }
}

/** The number after `key` in lines of `key number`. */
export function readCounter(text: string | undefined, key: string): number {
  const line = text?.split("\n").find((line) => line.startsWith(`${key} `));
  return Number(line?.slice(key.length + 1) ?? 0);
}

/** Undefined for "max", -1 and what is not there: no bound. */
export function readBound(text: string | undefined): number | undefined {
  const bound = Number(text?.trim() || Number.NaN);
  return bound >= 0 ? bound : undefined;
}

export function readPids(folder: string): number[] {
  const text = readText(folder, "cgroup.procs") ?? "";
  return text.split("\n").flatMap((line) => (line === "" ? [] : [Number(line)]));
}

/** The folder and all below it, deepest first. */
export function foldersBelow(folder: string): string[] {
  try {
    const below = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => foldersBelow(join(folder, entry.name)));
    return [...below, folder];
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENODEV")) return [];
    throw error;
  }
}

export function removeTree(folder: string): boolean {
  if (!existsSync(folder)) return false;
  for (const each of foldersBelow(folder)) {
    try {
      rmdirSync(each);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
  return true;
}

export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
}
