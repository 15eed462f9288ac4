import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { checked, isErrno } from "./linux-error.ts";
import { lastErrno, libc } from "./libc.ts";

/** A lock that the kernel gives back when the holder ends, however it ends. */
export interface FileLock {
  readonly path: string;
  release(): void;
}

const exclusiveNow = 2 | 4;

/**
 * Takes the lock at `path` (created, mode 0600) and writes the holder's pid into it. Undefined when somebody else
 * holds it: {@link readLockHolder} tells who. The file stays after release; removing it would let two hold it.
 */
export function tryLockFile(path: string): FileLock | undefined {
  const fd = openSync(path, "a+", 0o600);
  if (libc.flock(fd, exclusiveNow) < 0) {
    const busy = lastErrno() === constants.errno.EAGAIN;
    if (!busy) {
      try {
        checked(-1, () => `lock ${path}`);
      } finally {
        closeSync(fd);
      }
    }
    closeSync(fd);
    return undefined;
  }
  if (!isStillAt(fd, path)) {
    closeSync(fd);
    return tryLockFile(path);
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  let held = true;
  return {
    path,
    release() {
      if (held) closeSync(fd);
      held = false;
    },
  };
}

/** Somebody may have removed the file between open and lock; then the lock is on nothing. */
function isStillAt(fd: number, path: string): boolean {
  try {
    return statSync(path).ino === fstatSync(fd).ino;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}

/** The pid that the last holder wrote; undefined when nobody ever held the lock. */
export function readLockHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, "utf8"), 10);
    return Number.isNaN(pid) ? undefined : pid;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** The process that holds the lock at `path` now, as the kernel lists it; undefined when nobody does. */
export function findLockHolder(path: string): number | undefined {
  let inode: number;
  try {
    inode = statSync(path).ino;
  } catch (error) {
    if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return undefined;
    throw error;
  }
  const line = readFileSync("/proc/locks", "utf8")
    .split("\n")
    .find((one) => one.includes(" FLOCK ") && one.includes(`:${inode} `));
  const pid = Number(line?.trim().split(/\s+/)[4]);
  return pid > 0 ? pid : undefined;
}
