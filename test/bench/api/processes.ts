import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A helper process that speaks lines and ends when its stdin does. */
export interface LineProcess {
  readonly pid: number;
  line(): Promise<string>;
  end(): Promise<void>;
}

export function startHelper(name: string, argument: string): LineProcess {
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    [join(import.meta.dirname, `${name}.ts`), argument],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines: Interface = createInterface({ input: child.stdout });
  const iterator = lines[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    async line() {
      const next = await iterator.next();
      if (next.done) throw new Error(`${name} ended before it said what was waited for`);
      return next.value;
    },
    async end() {
      const closed = child.exitCode === null ? once(child, "exit") : undefined;
      child.stdin.end();
      await closed;
    },
  };
}
