import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RemoteSession } from "@berth/streaming";
import { removeStdio } from "../container/container-stdio.ts";
import type { ExecRequest } from "../cri-types.ts";
import type { ExecProcess } from "../driver.ts";
import { execProcess } from "../exec-sync.ts";
import type { RuntimeParts } from "../runtime-parts.ts";
import { readFifo, writeFifo } from "./fifo-streams.ts";

const sigkill = 9;

/** A command in a container whose streams go to a caller. It is killed when the caller goes first. */
export async function openExec(parts: RuntimeParts, request: ExecRequest): Promise<RemoteSession> {
  const record = parts.containers.requireRunning(request.container_id);
  const folder = join(parts.paths.execs, randomUUID());
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stdin = request.stdin ? writeFifo(join(folder, "stdin")) : undefined;
  const stdout = request.stdout ? readFifo(join(folder, "stdout")) : undefined;
  // A terminal has one output for both.
  const stderr = request.stderr && !request.tty ? readFifo(join(folder, "stderr")) : undefined;
  const ends = [stdin, stdout, stderr].filter((end) => end !== undefined);
  const closeAll = (): void => {
    for (const end of ends) {
      end.release();
      end.stream.destroy();
    }
    removeStdio(folder);
  };
  let process: ExecProcess;
  try {
    process = await parts.driver.exec(record, await execProcess(parts, record, request.cmd, request.tty), {
      stdin: stdin?.path ?? "",
      stdout: stdout?.path ?? "",
      stderr: stderr?.path ?? "",
      terminal: request.tty,
    });
  } catch (error) {
    closeAll();
    throw error;
  }
  for (const end of ends) end.release();
  stdin?.stream.on("error", () => stdin.stream.destroy());
  // A FIFO has no half-closed state: its reader sees the end when the descriptor is closed.
  stdin?.stream.once("finish", () => stdin.stream.destroy());
  stdin?.stream.once("close", () => void process.closeStdin().catch(() => undefined));
  const exit = process.exit.finally(() => {
    stdin?.stream.destroy();
    removeStdio(folder);
  });
  // Whoever abandons the session does not look at its end any more.
  exit.catch(() => undefined);
  return {
    stdin: stdin?.stream,
    stdout: stdout?.stream,
    stderr: stderr?.stream,
    exit,
    resize: ({ columns, rows }) => void process.resize(columns, rows).catch(() => undefined),
    abandon: () => {
      process.kill(sigkill).catch((error: unknown) => {
        parts.log.warn("a command whose caller has gone could not be killed", { error: String(error) });
      });
      for (const end of ends) end.stream.destroy();
    },
  };
}
