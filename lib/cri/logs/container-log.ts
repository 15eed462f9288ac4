import { closeSync, existsSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { Emitter } from "@berth/base";
import { nowNanos } from "../records.ts";
import { formatCriLog, formatLogTime, maxLineBytes, type StreamName } from "./cri-log-format.ts";
import { LogCheckpoint, type LogPosition, openLog } from "./log-checkpoint.ts";
import { punchHole } from "./punch-hole.ts";

export interface LogChunk {
  stream: StreamName;
  bytes: Buffer;
}

const batchBytes = 256 * 1024;
/** Consumed bytes of a spool are given back to the file system in steps of this size. */
const punchBytes = 1024 * 1024;

interface Spool {
  readonly stream: StreamName;
  readonly fd: number;
  punched: number;
  /** Where listeners have got to; ahead of the log when a line has not ended yet. */
  heard: number;
}

/**
 * Carries a container's raw output from its spool files into its CRI log. The runtime appends to the spools whether or
 * not this process lives; what is read is checkpointed only after it is written, so nothing is lost or doubled.
 */
export class ContainerLog {
  readonly #folder: string;
  readonly #path: string;
  readonly #checkpoint: LogCheckpoint;
  readonly #spools: Spool[];
  readonly #chunks = new Emitter<LogChunk>();
  #position: LogPosition;
  #log: { fd: number; inode: number; size: number } | undefined;
  #closed = false;

  /** `path` is the log file; empty for a container without one, whose output only listeners hear. */
  constructor(folder: string, path: string) {
    this.#folder = folder;
    this.#path = path;
    this.#checkpoint = new LogCheckpoint(join(folder, "log.json"));
    this.#position = this.#checkpoint.read();
    this.#spools = (["stdout", "stderr"] as const)
      .filter((stream) => existsSync(join(folder, stream)))
      .map((stream) => ({
        stream,
        fd: openSync(join(folder, stream), "r+"),
        punched: this.#position[stream],
        heard: this.#position[stream],
      }));
    this.#open();
  }

  /** Raw output as it arrives, for those who are attached. */
  readonly onDidRead = this.#chunks.event;

  /** Moves one batch of each stream; true when there may be more. */
  drain(atEnd = false): boolean {
    if (this.#closed) return false;
    let more = false;
    for (const spool of this.#spools) more = this.#drainSpool(spool, atEnd) || more;
    return more;
  }

  /** Moves everything there is; with `atEnd` a last line without newline too. */
  drainAll(atEnd: boolean): void {
    while (this.drain(false));
    if (atEnd) while (this.drain(true));
  }

  /** After the caller has renamed the log file: the next line goes to a new one. */
  reopen(): void {
    if (this.#log) closeSync(this.#log.fd);
    this.#open();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const spool of this.#spools) closeSync(spool.fd);
    if (this.#log) closeSync(this.#log.fd);
    this.#checkpoint.close();
  }

  get folder(): string {
    return this.#folder;
  }

  #open(): void {
    if (this.#path === "") return;
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o755 });
    this.#log = openLog(this.#path, this.#position);
    this.#save();
  }

  #drainSpool(spool: Spool, atEnd: boolean): boolean {
    const offset = this.#position[spool.stream];
    const buffer = Buffer.allocUnsafe(batchBytes);
    const length = readSync(spool.fd, buffer, 0, batchBytes, offset);
    if (length === 0) return false;
    const bytes = buffer.subarray(0, length);
    this.#tell(spool, offset, bytes);
    const whole = length < batchBytes;
    const { text, consumed } = formatCriLog(
      bytes,
      spool.stream,
      formatLogTime(BigInt(nowNanos())),
      atEnd && whole,
    );
    if (consumed === 0) return false;
    if (this.#log) {
      writeAll(this.#log.fd, text);
      this.#log.size += text.length;
    }
    this.#position = { ...this.#position, [spool.stream]: offset + consumed };
    this.#save();
    this.#punch(spool);
    // What is left is shorter than a line's limit: it waits for its end.
    return !whole || length - consumed > maxLineBytes;
  }

  #tell(spool: Spool, offset: number, bytes: Buffer): void {
    const fresh = bytes.subarray(Math.max(0, spool.heard - offset));
    spool.heard = Math.max(spool.heard, offset + bytes.length);
    if (fresh.length > 0) this.#chunks.fire({ stream: spool.stream, bytes: Buffer.from(fresh) });
  }

  #save(): void {
    this.#position = {
      ...this.#position,
      logInode: this.#log?.inode ?? 0,
      logSize: this.#log?.size ?? 0,
    };
    this.#checkpoint.write(this.#position);
  }

  #punch(spool: Spool): void {
    const end = this.#position[spool.stream];
    if (end - spool.punched < punchBytes) return;
    punchHole(spool.fd, spool.punched, end - spool.punched);
    spool.punched = end;
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}
