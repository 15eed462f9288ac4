import { randomUUID } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "@berth/base";
import type { ProcessSpec } from "@berth/oci";
import { makeStdio, removeStdio } from "./container/container-stdio.ts";
import { deadlineExceeded, wrongState } from "./cri-error.ts";
import type { ExecSyncRequest, ExecSyncResponse } from "./cri-types.ts";
import type { ContainerRecord } from "./records.ts";
import type { RuntimeParts } from "./runtime-parts.ts";

/** Of each stream; the rest of a longer output is not answered. Below the largest message of gRPC, both together. */
const maxOutputBytes = 4 * 1024 * 1024;
const sigkill = 9;

/** Runs a command to its end, or kills it when its time is over or its caller has gone. */
export async function runSync(
  parts: RuntimeParts,
  request: ExecSyncRequest,
  signal: AbortSignal,
): Promise<ExecSyncResponse> {
  const record = parts.containers.requireRunning(request.container_id);
  const timeoutMs = Number(request.timeout) * 1000;
  const folder = join(parts.paths.execs, randomUUID());
  const stdio = makeStdio(folder, { stdin: false, tty: false });
  try {
    const process = await parts.driver.exec(
      record,
      await execProcess(parts, record, request.cmd, false),
      stdio,
    );
    let timedOut = false;
    const kill = (): void => void process.kill(sigkill).catch(() => undefined);
    const timer =
      timeoutMs > 0
        ? setTimeout(() => {
            timedOut = true;
            kill();
          }, timeoutMs)
        : undefined;
    signal.addEventListener("abort", kill, { once: true });
    try {
      const { exitCode } = await process.exit;
      if (timedOut) {
        throw new BerthError(
          deadlineExceeded,
          `${request.cmd[0]} did not end within ${timeoutMs / 1000} s and was killed`,
        );
      }
      return { stdout: readStart(stdio.stdout), stderr: readStart(stdio.stderr), exit_code: exitCode };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
    }
  } finally {
    removeStdio(folder);
  }
}

/** The container's own process, with other arguments: same user, environment, capabilities and limits. */
export async function execProcess(
  parts: RuntimeParts,
  record: ContainerRecord,
  args: readonly string[],
  terminal: boolean,
): Promise<ProcessSpec> {
  const spec = await parts.store.spec(record.id);
  if (!spec || args.length === 0) {
    throw new BerthError(wrongState, `container ${record.config.metadata?.name}: there is no command to run`);
  }
  return {
    ...spec.process,
    args: [...args],
    terminal,
    env: terminal
      ? [...spec.process.env.filter((entry) => !entry.startsWith("TERM=")), "TERM=xterm"]
      : spec.process.env,
  };
}

function readStart(path: string): Buffer {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.min(fstatSync(fd).size, maxOutputBytes));
    const length = readSync(fd, bytes, 0, bytes.length, 0);
    return bytes.subarray(0, length);
  } finally {
    closeSync(fd);
  }
}
