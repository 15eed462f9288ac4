import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/** How far a log has got: bytes of each spool that are in the log file, and what that file looked like then. */
export interface LogPosition {
  stdout: number;
  stderr: number;
  logInode: number;
  logSize: number;
}

const recordBytes = 256;

/**
 * One record of fixed length, overwritten in place by a single write, so that a killed writer leaves the old one or the
 * new one.
 */
export class LogCheckpoint {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, "a+", 0o600);
    closeSync(this.#fd);
    this.#fd = openSync(path, "r+");
  }

  read(): LogPosition {
    const bytes = Buffer.alloc(recordBytes);
    const length = readSync(this.#fd, bytes, 0, recordBytes, 0);
    if (length === 0) return { stdout: 0, stderr: 0, logInode: 0, logSize: 0 };
    return JSON.parse(bytes.toString("utf8", 0, length)) as LogPosition;
  }

  write(position: LogPosition): void {
    writeSync(this.#fd, JSON.stringify(position).padEnd(recordBytes, " "), 0);
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/**
 * Opens the log for appending. Lines that were written after the last checkpoint come again from the spool, so they are
 * cut off first: no line is lost and none is there twice.
 */
export function openLog(path: string, last: LogPosition): { fd: number; inode: number; size: number } {
  const fd = openSync(path, "a", 0o640);
  const { ino: inode, size } = fstatSync(fd);
  if (inode === last.logInode && size > last.logSize) {
    ftruncateSync(fd, last.logSize);
    return { fd, inode, size: last.logSize };
  }
  return { fd, inode, size };
}
