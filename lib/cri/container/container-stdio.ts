import { closeSync, existsSync, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { libc } from "@berth/linux/libc.ts";
import { checked } from "@berth/linux/linux-error.ts";
import type { ContainerConfig__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import type { ProcessStdio } from "../driver.ts";
import type { ContainerRecord, SandboxRecord } from "../records.ts";

const fifoMode = 0o010600;

/**
 * Spool files for a container's output and a FIFO for its input. Files, not pipes: the runtime writes on while nobody
 * reads, and what was written is there for whoever reads next.
 */
export function makeStdio(
  folder: string,
  config: Pick<ContainerConfig__Output, "stdin" | "tty">,
): ProcessStdio {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stdio: ProcessStdio = {
    stdin: config.stdin ? join(folder, "stdin") : "",
    stdout: join(folder, "stdout"),
    stderr: config.tty ? "" : join(folder, "stderr"),
    terminal: config.tty,
  };
  for (const path of [stdio.stdout, stdio.stderr]) if (path !== "") closeSync(openSync(path, "a", 0o600));
  if (stdio.stdin !== "" && !existsSync(stdio.stdin)) makeFifo(stdio.stdin);
  return stdio;
}

export function makeFifo(path: string): void {
  checked(libc.mknod(path, fifoMode, 0), () => `make the FIFO ${path}`);
}

export function removeStdio(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Absolute path of the container's log; empty when the pod has no log directory. */
export function logPathOf(record: Pick<ContainerRecord, "config">, sandbox: SandboxRecord): string {
  const { log_directory: folder } = sandbox.config;
  const { log_path: name } = record.config;
  return folder === "" || name === "" ? "" : join(folder, name);
}
