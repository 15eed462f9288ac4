import { readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorMessage, type Logger } from "@berth/base";
import { ifThere } from "../files/if-there.ts";

export interface RotatedLog {
  readonly containerId: string;
  readonly path: string;
  /** Tells the runtime to go on in a new file under the same path. */
  reopen(): Promise<void>;
}

export interface RotationLimits {
  /** Bytes from which a file is moved aside. */
  readonly maxBytes: number;
  /** Files of one container, the one in use included. */
  readonly maxFiles: number;
}

/** The kubelet's own defaults, containerLogMaxSize and containerLogMaxFiles. */
export const defaultRotation: RotationLimits = { maxBytes: 10 * 1024 * 1024, maxFiles: 5 };

/** Keeps logs of running containers within bounds. */
export class LogRotator {
  readonly #limits: RotationLimits;
  readonly #logger: Logger;

  constructor(limits: RotationLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** `stamp` names the file that is moved aside and must grow: 20260102-150405. */
  async rotate(logs: readonly RotatedLog[], stamp: string): Promise<void> {
    for (const log of logs) {
      try {
        await this.#rotateOne(log, stamp);
      } catch (error) {
        this.#logger.warn("a container's log could not be rotated; it is tried again", {
          path: log.path,
          error: errorMessage(error),
        });
      }
    }
  }

  async #rotateOne(log: RotatedLog, stamp: string): Promise<void> {
    const stats = await ifThere(stat(log.path));
    if (!stats || stats.size < this.#limits.maxBytes) return;
    const aside = `${log.path}.${stamp}`;
    await rename(log.path, aside);
    try {
      await log.reopen();
    } catch (error) {
      // The runtime still writes to the file: it must be found under its name.
      await rename(aside, log.path);
      throw error;
    }
    const folder = dirname(log.path);
    const own = (await readdir(folder))
      .filter((name) => name.startsWith(`${basename(log.path)}.`))
      .toSorted();
    for (const name of own.slice(0, Math.max(0, own.length - (this.#limits.maxFiles - 1)))) {
      await rm(join(folder, name), { force: true });
    }
  }
}
