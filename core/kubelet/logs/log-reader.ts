import { watch } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { LineCutter, type LogLine, parseLogLine } from "./cri-log-line.ts";
import type { LogOptions } from "./log-options.ts";
import { tailOffset } from "./log-tail.ts";
import { ifThere } from "../files/if-there.ts";

const blockBytes = 64 * 1024;
/** A file system that reports no changes is looked at this often. */
const lookMs = 1_000;

/**
 * The text of a container's log. With `follow` it goes on, over rotations too, until the container has ended and all
 * it wrote was given, or the signal aborts.
 */
export async function* readLog(
  path: string,
  options: LogOptions,
  isRunning: () => boolean,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const format = new LogFormat(options);
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let offset = options.tailLines === undefined ? 0 : await tailOffset(path, options.tailLines);
  const change = options.follow ? watchFile(path, signal) : undefined;
  let file = await open(path);
  const cutter = new LineCutter();
  /** The file after the one that is read now; that one gets no more once this one is there. */
  let next: FileHandle | undefined;
  try {
    for (;;) {
      const running = isRunning();
      for await (const chunk of readFrom(file, offset)) {
        if (signal.aborted) return;
        offset += chunk.length;
        for (const line of cutter.push(chunk)) {
          const text = format.text(parseLogLine(line));
          if (!text) continue;
          yield text.subarray(0, left);
          left -= text.length;
          if (left <= 0) return;
        }
      }
      if (signal.aborted) return;
      if (next) {
        await file.close();
        [file, next, offset] = [next, undefined, 0];
        continue;
      }
      next = await rotated(path, file);
      if (next) continue;
      // What was written between the last read and the end was read by the look after it.
      if (!change || !running) return;
      await change.next();
      if (signal.aborted) return;
    }
  } finally {
    change?.close();
    await file.close();
    await next?.close();
  }
}

async function* readFrom(file: FileHandle, offset: number): AsyncGenerator<Buffer> {
  for (let at = offset; ;) {
    const block = Buffer.alloc(blockBytes);
    const { bytesRead } = await file.read(block, 0, blockBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield block.subarray(0, bytesRead);
  }
}

/** The new file under the path, when the one that is open was moved away. */
async function rotated(path: string, file: FileHandle): Promise<FileHandle | undefined> {
  const [mine, there] = await Promise.all([file.stat(), ifThere(stat(path))]);
  if (!there || there.ino === mine.ino) return undefined;
  return open(path);
}

function watchFile(path: string, signal: AbortSignal): { next(): Promise<void>; close(): void } {
  let wake: (() => void) | undefined;
  let pending = false;
  const notice = (): void => {
    pending = true;
    wake?.();
  };
  const watcher = watch(dirname(path), (_event, name) => {
    if (name === null || name === basename(path)) notice();
  });
  watcher.on("error", notice);
  signal.addEventListener("abort", notice, { once: true });
  const timer = setInterval(notice, lookMs);
  return {
    async next() {
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
      wake = undefined;
    },
    close() {
      watcher.close();
      clearInterval(timer);
      signal.removeEventListener("abort", notice);
    },
  };
}

/** Turns entries into what the reader asked for. */
export class LogFormat {
  readonly #options: Pick<LogOptions, "since" | "stream" | "timestamps">;
  /** Streams whose last entry was only a part of its line. */
  readonly #open = new Set<string>();

  constructor(options: Pick<LogOptions, "since" | "stream" | "timestamps">) {
    this.#options = options;
  }

  text(line: LogLine | undefined): Buffer | undefined {
    if (!line) return undefined;
    const { since, stream, timestamps } = this.#options;
    if (stream && line.stream !== stream) return undefined;
    const continued = this.#open.has(line.stream);
    if (line.partial) this.#open.add(line.stream);
    else this.#open.delete(line.stream);
    if (since !== undefined && Date.parse(line.time) < since) return undefined;
    const head = timestamps && !continued ? Buffer.from(`${line.time} `) : Buffer.alloc(0);
    const end = line.partial ? Buffer.alloc(0) : Buffer.from("\n");
    return Buffer.concat([head, line.content, end]);
  }
}
