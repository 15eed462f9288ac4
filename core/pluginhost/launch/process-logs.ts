import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "@berth/linux";
import { namesIn } from "./names-in.ts";

/** Logs of former processes that stay. */
const kept = 5;
const tailBytes = 8192;

/** Numbers of the processes whose logs, `<number>.log`, lie in a folder; the newest first. */
export async function loggedProcesses(folder: string): Promise<number[]> {
  const numbers = (await namesIn(folder)).flatMap((name) => /^(\d+)\.log$/.exec(name)?.[1] ?? []);
  return numbers.map(Number).sort((a, b) => b - a);
}

/** Keeps the logs of the last processes only. */
export async function pruneLogs(folder: string): Promise<void> {
  for (const number of (await loggedProcesses(folder)).slice(kept))
    await rm(join(folder, `${number}.log`), { force: true });
}

/** The end of a log as {@link logTail} cuts it; empty when there is none. */
export async function readLogTail(path: string, bytes?: number): Promise<string> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const length = Math.min(size, tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    return logTail(buffer.toString("utf8", 0, bytesRead), bytes);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return "";
    throw error;
  }
}

/** The end of a log that fits a status: whole lines, at most `bytes` of them, secrets covered. */
export function logTail(text: string, bytes = 2048): string {
  const lines = text.trimEnd().split("\n").slice(-20).map(coverSecrets);
  while (lines.length > 1 && Buffer.byteLength(lines.join("\n")) > bytes) lines.shift();
  return lines.join("\n").slice(-bytes);
}

const secretish =
  /((?:password|passwd|secret|token|authorization|api[-_]?key)["']?\s*[:=]\s*["']?)[^\s"',}]+/gi;

function coverSecrets(line: string): string {
  return line.replaceAll(secretish, "$1[covered]");
}
