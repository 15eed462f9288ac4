import { writeSync } from "node:fs";
import type { Fields, Logger } from "@berth/base";
import { isErrno } from "@berth/linux/linux-error.ts";

/** As pino numbers them, so that what reads its lines reads ours. */
const levels = { debug: 20, info: 30, warn: 40, error: 50 } as const;
const retryMs = 5;

type Level = keyof typeof levels;

/** JSON lines on stderr, one call each, written before the call returns: the last words of a crash are kept. */
export function createStderrLogger(fields: Fields, level = "info"): Logger {
  const least = levels[level as Level] ?? levels.info;
  const write = (own: Level, message: string, more?: Fields): void => {
    if (levels[own] < least) return;
    const time = new Date().toISOString();
    writeWhole(2, `${toLine({ level: levels[own], time, ...fields, ...more, msg: message })}\n`);
  };
  return {
    debug: (message, more) => write("debug", message, more),
    info: (message, more) => write("info", message, more),
    warn: (message, more) => write("warn", message, more),
    error: (message, more) => write("error", message, more),
    with: (more) => createStderrLogger({ ...fields, ...more }, level),
  };
}

/** What cannot be written as JSON costs its line, never the call that logged. */
function toLine(fields: Fields): string {
  try {
    return JSON.stringify(fields, (_, value: unknown) => {
      if (value instanceof Error) return value.stack;
      return typeof value === "bigint" ? String(value) : value;
    });
  } catch (error) {
    return JSON.stringify({
      level: fields["level"],
      time: fields["time"],
      msg: fields["msg"],
      unwritable: String(error),
    });
  }
}

/** Waits for a slow reader of a pipe; one that has gone, and a full disk, get no more lines. */
function writeWhole(fd: number, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isErrno(error, "EAGAIN")) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}
