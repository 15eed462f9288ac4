import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A helper process that speaks lines and ends when its stdin does. */
export interface LineProcess {
  readonly pid: number;
  line(): Promise<string>;
  /** Its answer to one line. */
  ask(line: string): Promise<string>;
  end(): Promise<void>;
}

export function startHelper(name: string, argument: string, flags: readonly string[] = []): LineProcess {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [...flags, join(import.meta.dirname, `${name}.ts`), argument],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next = await iterator.next();
    if (next.done) throw new Error(`${name} ended before it said what was waited for`);
    return next.value;
  };
  return {
    pid: child.pid ?? 0,
    line,
    ask(question) {
      child.stdin.write(`${question}\n`);
      return line();
    },
    async end() {
      const closed = child.exitCode === null ? once(child, "exit") : undefined;
      child.stdin.end();
      await closed;
    },
  };
}
