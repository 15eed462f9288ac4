import { copyFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Disposable, errorMessage, type Logger, pause } from "@berth/base";
import { namesIn } from "./names-in.ts";

const everyMs = 60_000;
const largestBytes = 16 * 1024 * 1024;

/** Keeps the logs of plugins and daemons, which the processes themselves append to, from growing without end. */
export class LogKeeper implements Disposable {
  readonly label: string;
  readonly #stop = new AbortController();
  readonly #loop: Promise<void>;

  /** `data`: the folder that holds `plugins/<name>/log` and `daemons/<id>/log`. */
  constructor(data: string, parts: { clock: Clock; logger: Logger }) {
    this.label = `logs below ${data}`;
    this.#loop = this.#run(data, parts);
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(data: string, { clock, logger }: { clock: Clock; logger: Logger }): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await pause(clock, everyMs, signal);
      if (signal.aborted) return;
      try {
        await limitLogs(data, largestBytes);
      } catch (error) {
        logger.warn("logs of plugins could not be shortened", { error: errorMessage(error) });
      }
    }
  }
}

/**
 * Over the limit a log becomes `<name>.1`, in place of the former one, and starts anew. Lines written during the copy
 * may be lost; the writer never waits or fails. Answers the paths of those that were shortened.
 */
export async function limitLogs(data: string, bytes: number): Promise<string[]> {
  const shortened: string[] = [];
  for (const kind of ["plugins", "daemons"]) {
    for (const owner of await namesIn(join(data, kind))) {
      const folder = join(data, kind, owner, "log");
      for (const name of (await namesIn(folder)).filter((one) => one.endsWith(".log"))) {
        const path = join(folder, name);
        if ((await stat(path)).size <= bytes) continue;
        await copyFile(path, `${path}.1`);
        await truncate(path, 0);
        shortened.push(path);
      }
    }
  }
  return shortened;
}
