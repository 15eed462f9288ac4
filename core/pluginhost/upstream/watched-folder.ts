import { type FSWatcher, watch } from "node:fs";
import { lstat, mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type Disposable, errorMessage, type Logger, pause } from "@berth/base";
import { isErrno } from "@berth/linux";
import { namesIn } from "../launch/names-in.ts";
import { WakeCall } from "../supervise/wake-call.ts";

/** A socket that lies in a folder; `id` changes when another one takes its place. */
export interface SocketFile {
  readonly path: string;
  readonly id: string;
}

export interface FolderWatching {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks that no event asked for. */
  readonly rescanMs: number;
}

/** One change often comes as several events. */
const settleMs = 20;

/**
 * Tells which sockets lie in a folder: scanned at the start, after each event, and every `rescanMs`. The folder may be
 * deleted and made again as often as anybody likes; it is made when it is not there.
 */
export class WatchedFolder implements Disposable {
  readonly label: string;
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #rescanMs: number;
  readonly #onSockets: (sockets: readonly SocketFile[]) => void;
  readonly #wake = new WakeCall();
  #watcher: { inode: string; watch: FSWatcher } | undefined;
  #over = false;
  #loop: Promise<void>;

  constructor(
    folder: string,
    parts: FolderWatching & { readonly onSockets: (sockets: readonly SocketFile[]) => void },
  ) {
    this.label = `watch of ${folder}`;
    this.#folder = folder;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#rescanMs = parts.rescanMs;
    this.#onSockets = parts.onSockets;
    this.#loop = this.#run();
  }

  async dispose(): Promise<void> {
    this.#over = true;
    this.#wake.call();
    await this.#loop;
    this.#watcher?.watch.close();
  }

  async #run(): Promise<void> {
    while (!this.#over) {
      const wake = this.#wake.next;
      try {
        await this.#watch();
        this.#onSockets(await this.#scan());
      } catch (error) {
        this.#logger.warn("registration folder cannot be read", {
          folder: this.#folder,
          error: errorMessage(error),
        });
      }
      await pause(this.#clock, this.#rescanMs, wake);
      if (!this.#over) await this.#clock.sleep(settleMs);
    }
  }

  /** A watch holds on to the folder it was given; after a deletion that is not the one of this name any more. */
  async #watch(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 });
    const { dev, ino } = await stat(this.#folder);
    const inode = `${dev}:${ino}`;
    if (this.#watcher?.inode === inode) return;
    this.#watcher?.watch.close();
    const watcher = watch(this.#folder, () => this.#wake.call());
    watcher.on("error", () => {
      this.#watcher = undefined;
      this.#wake.call();
    });
    this.#watcher = { inode, watch: watcher };
  }

  async #scan(): Promise<SocketFile[]> {
    const found: SocketFile[] = [];
    for (const entry of await readdir(this.#folder, { withFileTypes: true })) {
      const path = join(this.#folder, entry.name);
      try {
        // Drivers may lay their socket in a folder of their own.
        const inner = entry.isDirectory() ? (await namesIn(path)).map((name) => join(path, name)) : [path];
        for (const one of inner) found.push(...(await identified(one)));
      } catch (error) {
        // What one driver did to its folder must not keep the others from being found.
        this.#logger.warn("a place of registration cannot be read", { path, error: errorMessage(error) });
      }
    }
    return found;
  }
}

/** Nothing when it is no socket, or gone meanwhile. */
async function identified(path: string): Promise<SocketFile[]> {
  try {
    const info = await lstat(path);
    return info.isSocket() ? [{ path, id: `${info.dev}:${info.ino}:${info.ctimeMs}` }] : [];
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
