import { join } from "node:path";
import { PassThrough } from "node:stream";
import { BerthError, errorMessage } from "@berth/base";
import type { RemoteSession } from "@berth/streaming";
import { unsupported } from "../cri-error.ts";
import type { AttachRequest } from "../cri-types.ts";
import type { ContainerRecord } from "../records.ts";
import type { RuntimeParts } from "../runtime-parts.ts";
import { writeExistingFifo } from "./fifo-streams.ts";

/** The streams of a container's first process: what it writes from now on, and its input where it has one. */
export async function openAttach(parts: RuntimeParts, request: AttachRequest): Promise<RemoteSession> {
  const record = parts.containers.requireRunning(request.container_id);
  if (request.stdin && !record.config.stdin) {
    throw new BerthError(unsupported, `container ${record.config.metadata?.name} was made without stdin`);
  }
  const stdin = request.stdin
    ? writeExistingFifo(join(parts.paths.container(record.id), "stdin"))
    : undefined;
  stdin?.on("error", () => stdin.destroy());
  // A FIFO has no half-closed state: its reader sees the end when the descriptor is closed.
  stdin?.once("finish", () => stdin.destroy());
  if (record.config.stdin_once) stdin?.once("close", () => closeStdin(parts, record));
  const stdout = request.stdout ? new PassThrough() : undefined;
  const stderr = request.stderr && !record.config.tty ? new PassThrough() : undefined;
  const log = parts.logs.get(record.id)?.onDidRead(({ stream, bytes }) => {
    (stream === "stdout" ? stdout : stderr)?.write(bytes);
  });
  const ended = Promise.withResolvers<{ exitCode: number }>();
  const changes = parts.containers.onDidChange(({ kind, container }) => {
    // However the container ended, attaching to it went well: its exit code is its status's to tell. kubectl takes another for a
    // failure to attach, and shows the container's output a second time.
    if (container.id === record.id && kind === "stopped") ended.resolve({ exitCode: 0 });
  });
  const close = (): void => {
    void log?.dispose();
    void changes.dispose();
    stdin?.destroy();
    stdout?.end();
    stderr?.end();
  };
  return {
    stdin,
    stdout,
    stderr,
    exit: ended.promise.finally(close),
    // A terminal whose container has just ended has no size any more; its end is told by `exit`.
    resize: ({ columns, rows }) => void parts.driver.resize(record, columns, rows).catch(() => undefined),
    abandon: close,
  };
}

/** The first caller who attaches is the last: with it the input ends. */
function closeStdin({ driver, log }: RuntimeParts, record: ContainerRecord): void {
  if (record.phase !== "started") return;
  driver.closeStdin(record).catch((error: unknown) => {
    if (record.phase !== "started") return;
    log.warn("the input of a container could not be closed", {
      container: record.id,
      error: errorMessage(error),
    });
  });
}
