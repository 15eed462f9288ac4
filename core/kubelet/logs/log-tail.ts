import { open } from "node:fs/promises";
import { parseLogLine } from "./cri-log-line.ts";

const blockBytes = 64 * 1024;

/** Where in the file the last `lines` lines begin; 0 when it has fewer. */
export async function tailOffset(path: string, lines: number): Promise<number> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (lines === 0) return size;
    let found = 0;
    for (let end = size; end > 0;) {
      const begin = Math.max(0, end - blockBytes);
      const block = Buffer.alloc(end - begin);
      await file.read(block, 0, block.length, begin);
      for (let at = block.length - 1; at >= 0; at--) {
        // The newline that ends the last line begins none.
        if (block[at] !== 0x0a || begin + at === size - 1) continue;
        if (++found === lines) return begin + at + 1;
      }
      end = begin;
    }
    return 0;
  } finally {
    await file.close();
  }
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
