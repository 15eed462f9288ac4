import { open } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, pause } from "@berth/base";
import { isErrno } from "@berth/linux";
import type { LogRequest } from "../contracts/plugin-tools.ts";
import { loggedProcesses } from "../launch/process-logs.ts";

const everyMs = 200;
const chunkBytes = 64 * 1024;

/**
 * What the processes of one plugin wrote, the last one's first; with `follow` also what comes, in the files of later
 * processes too. `folder` holds `<incarnation>.log`; one that is not there is empty.
 */
export async function* readLogs(
  folder: string,
  { follow = false, incarnation, tail }: LogRequest,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<string> {
  let current = incarnation ?? (await newest(folder));
  let offset = 0;
  let isFirst = true;
  while (!signal.aborted) {
    // Asked before reading: what a process wrote before the next one came is then complete.
    const next = follow && incarnation === undefined ? await newest(folder, current) : undefined;
    if (current !== undefined) {
      const text = await readFrom(join(folder, `${current}.log`), offset);
      offset = text.end;
      const shown = isFirst && tail !== undefined ? lastLines(text.text, tail) : text.text;
      if (shown !== "") yield shown;
      isFirst = false;
    }
    if (!follow) return;
    if (next === undefined) await pause(clock, everyMs, signal);
    else [current, offset] = [next, 0];
  }
}

/** The greatest number of a log above `above`; undefined when there is none. */
async function newest(folder: string, above = 0): Promise<number | undefined> {
  const [last] = await loggedProcesses(folder);
  return last !== undefined && last > above ? last : undefined;
}

/** From an offset to the end; from the start when the file was shortened meanwhile. */
async function readFrom(path: string, offset: number): Promise<{ text: string; end: number }> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const start = size < offset ? 0 : offset;
    const chunks: Buffer[] = [];
    let end = start;
    while (end < size) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, end);
      if (bytesRead === 0) break;
      chunks.push(buffer.subarray(0, bytesRead));
      end += bytesRead;
    }
    return { text: Buffer.concat(chunks).toString("utf8"), end };
  } catch (error) {
    if (isErrno(error, "ENOENT")) return { text: "", end: offset };
    throw error;
  }
}

function lastLines(text: string, count: number): string {
  const lines = text.trimEnd().split("\n").slice(-count);
  return lines.length === 0 || text === "" ? "" : `${lines.join("\n")}\n`;
}
