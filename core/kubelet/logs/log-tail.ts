import { open } from "node:fs/promises";
import { parseLogLine } from "./cri-log-line.ts";

const blockBytes = 64 * 1024;

/**
 * Where in the file its last `lines` lines begin; 0 when it has fewer. Entries that were cut in parts count as one line.
 */
export async function tailOffset(path: string, lines: number): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (lines <= 0) return size;
    let found = 0;
    /** Start of the entry after the one whose beginning is looked for now. */
    let next: number | undefined;
    let rest: Buffer = Buffer.alloc(0);
    for (let end = size; end > 0;) {
      const begin = Math.max(0, end - blockBytes);
      const block = Buffer.alloc(end - begin);
      await file.read(block, 0, block.length, begin);
      let data = Buffer.concat([block, rest]);
      for (let at = data.lastIndexOf(0x0a); at >= 0; at = data.lastIndexOf(0x0a)) {
        const start = begin + at + 1;
        // An entry that begins after a whole one begins a line.
        if (next !== undefined && !isPartial(data.subarray(at + 1)) && ++found === lines) return next;
        // The newline that ends the file begins nothing.
        if (start < size) next = start;
        data = data.subarray(0, at);
      }
      rest = data;
      end = begin;
    }
    return next !== undefined && !isPartial(rest) && ++found === lines ? next : 0;
  } finally {
    await file.close();
  }
}

function isPartial(entry: Buffer): boolean {
  return parseLogLine(entry)?.partial === true;
}

/** The end of a log as plain text, within both limits; empty when there is no log. */
export async function tailOfLog(path: string, limit: { bytes: number; lines: number }): Promise<string> {
  try {
    const offset = await tailOffset(path, limit.lines);
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const block = Buffer.alloc(Math.min(size - offset, 16 * limit.bytes));
      await file.read(block, 0, block.length, size - block.length);
      const text = block
        .toString("utf8")
        .split("\n")
        .flatMap((line) => parseLogLine(Buffer.from(line)) ?? [])
        .map((line) => `${line.content.toString("utf8")}${line.partial ? "" : "\n"}`)
        .join("");
      return Buffer.from(text).subarray(-limit.bytes).toString("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}
