import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { BerthError } from "@berth/base";
import { startFailed } from "../errors.ts";
import { type ManagedProcess, ownProcess } from "./managed-process.ts";

/**
 * Starts a program in a session of its own, its output going to a file that outlives the host. Never a pipe: a
 * writer to it would be killed when the host ends.
 */
export async function spawnLogged(options: {
  command: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  folder: string;
  log: string;
}): Promise<ManagedProcess> {
  await mkdir(dirname(options.log), { recursive: true, mode: 0o700 });
  const output = openSync(options.log, "a", 0o600);
  try {
    const child = spawn(options.command, [...options.args], {
      cwd: options.folder,
      env: { ...options.env },
      detached: true,
      stdio: ["ignore", output, output],
    });
    const failure = await new Promise<Error | undefined>((resolve) => {
      child.once("spawn", () => resolve(undefined));
      child.once("error", resolve);
    });
    if (failure) throw new BerthError(startFailed, `cannot start ${options.command}`, { cause: failure });
    const process = ownProcess(child);
    if (!process) throw new BerthError(startFailed, `${options.command} ended at once; see ${options.log}`);
    child.unref();
    return process;
  } finally {
    closeSync(output);
  }
}
