import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Where a server under test listens, and who may ask it: PEM texts. */
export interface Place {
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface Target {
  readonly place: Place;
  readonly pid: number;
  /** Aborts, with how it ended as the reason, should it end before it is told to or otherwise than told. */
  readonly crashed: AbortSignal;
  stop(): Promise<void>;
}

/** Starts an API server in a process of its own. @param onDefect hears each line it logs as an error. */
export async function startTarget(onDefect: (line: string) => void): Promise<Target> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "fuzz-server.ts")], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  createInterface({ input: child.stderr }).on("line", onDefect);
  const crash = new AbortController();
  let stopping = false;
  child.on("exit", (code, signal) => {
    if (!stopping || code !== 0) crash.abort(`the server ended with ${signal ?? code}`);
  });
  const lines = createInterface({ input: child.stdout });
  const [first] = (await once(lines, "line", { signal: crash.signal })) as [string];
  return {
    place: JSON.parse(first) as Place,
    pid: child.pid!,
    crashed: crash.signal,
    async stop() {
      stopping = true;
      const exit = once(child, "exit");
      child.stdin.end();
      await exit;
    },
  };
}
