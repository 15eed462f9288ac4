import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isErrno } from "@berth/linux";

const lineEnd = 0x0a;

/** Bytes after which the older half goes, however few lines it has. */
const largestHalf = 4 * 1024 * 1024;

/**
 * Keeps the last lines in two files: `path` takes new ones and becomes `path.1` when it holds `size` of them. A line is
 * with the kernel when `append` returns: a kill of this process loses none, a power cut may.
 */
export class LineRing {
  readonly #path: string;
  readonly #size: number;
  #file: number | undefined;
  #lines = 0;
  #bytes = 0;
  #lost = 0;
  /** A full disk cut the last line short, which must not swallow the next one. */
  #isTorn = false;

  /** Opened with the first line: most plugins of a large node are never asked anything. */
  constructor(path: string, size = 256) {
    this.#path = path;
    this.#size = size;
  }

  /** Whole lines as far as they go; never throws: a recorder that fails a call would do more harm than a gap in it. */
  append(lines: readonly string[]): void {
    let rest = lines;
    try {
      while (rest.length > 0) {
        if (this.#lines >= this.#size || this.#bytes >= largestHalf) this.#turn();
        const file = (this.#file ??= this.#open());
        const part = rest.slice(0, Math.max(1, this.#size - this.#lines));
        rest = rest.slice(this.#write(file, part));
      }
    } catch {
      this.#lost += rest.length;
    }
  }

  /** How many lines were written whole. */
  #write(file: number, lines: readonly string[]): number {
    const start = this.#isTorn ? "\n" : "";
    const bytes = Buffer.from(`${start}${lines.join("\n")}\n`);
    const written = writeSync(file, bytes);
    this.#isTorn = written < bytes.length;
    const whole = this.#isTorn ? countLines(bytes.subarray(start.length, written)) : lines.length;
    this.#bytes += written;
    this.#lines += whole;
    return whole;
  }

  /** Oldest first. */
  list(): string[] {
    return [...readLines(`${this.#path}.1`), ...readLines(this.#path)].slice(-this.#size);
  }

  /** Lines that could not be kept. */
  get lost(): number {
    return this.#lost;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o711 });
    const lines = readLines(this.#path);
    this.#lines = lines.length;
    this.#bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
    this.#isTorn = this.#bytes > 0;
    return openSync(this.#path, "a", 0o600);
  }

  #turn(): void {
    this.close();
    const older = `${this.#path}.1`;
    // Renamed over it, a file system may write the new one out at once, lest a power cut leave it empty.
    rmSync(older, { force: true });
    renameSync(this.#path, older);
    this.#file = openSync(this.#path, "a", 0o600);
    this.#lines = 0;
    this.#bytes = 0;
    this.#isTorn = false;
  }
}

function countLines(bytes: Uint8Array): number {
  return bytes.filter((byte) => byte === lineEnd).length;
}

/** Whole lines only: the last one may have been cut off by a full disk. */
function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").filter(isWhole);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

function isWhole(line: string): boolean {
  return line.startsWith("{") && line.endsWith("}");
}
