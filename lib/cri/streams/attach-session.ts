import { join } from "node:path";
import { PassThrough } from "node:stream";
import { BerthError } from "@berth/base";
import type { RemoteSession } from "@berth/streaming";
import { unsupported } from "../cri-error.ts";
import type { AttachRequest } from "../cri-types.ts";
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
  const stdout = request.stdout ? new PassThrough() : undefined;
  const stderr = request.stderr && !record.config.tty ? new PassThrough() : undefined;
  const log = parts.logs.get(record.id)?.onDidRead(({ stream, bytes }) => {
    (stream === "stdout" ? stdout : stderr)?.write(bytes);
  });
  const ended = Promise.withResolvers<{ exitCode: number }>();
  const changes = parts.containers.onDidChange(({ kind, container }) => {
    if (container.id === record.id && kind === "stopped") ended.resolve({ exitCode: container.exitCode });
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
    resize: ({ columns, rows }) => void parts.driver.resize(record, columns, rows).catch(() => undefined),
    abandon: close,
  };
}
