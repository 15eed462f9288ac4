import { join } from "node:path";
import { type Clock, Emitter, type Logger } from "@berth/base";
import type { CgroupHierarchy, ProcessWatcher } from "@berth/linux";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { NodePaths } from "../launch/instance-paths.ts";
import { checkSocketPath } from "../launch/instance-paths.ts";
import type { DaemonManifest } from "../manifest/manifest.ts";
import { fillTemplate } from "../manifest/template.ts";
import { DaemonKeeper } from "./daemon-keeper.ts";
import type { Daemons } from "./daemons.ts";
import type { DaemonRecord } from "./launch-daemon.ts";

export interface DaemonManagerParts {
  readonly paths: NodePaths;
  readonly hierarchy: CgroupHierarchy | undefined;
  /** Parent of the daemons' control groups. */
  readonly cgroup: string;
  readonly records: Bucket<DaemonRecord>;
  readonly watcher: ProcessWatcher;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Starts each declared daemon once, whoever needs it, and keeps it apart from the plugins that do. */
export class DaemonManager implements Daemons {
  readonly #parts: DaemonManagerParts;
  readonly #keepers = new Map<string, DaemonKeeper>();
  readonly #changed = new Emitter<void>();

  readonly onDidChange = this.#changed.event;

  constructor(parts: DaemonManagerParts) {
    this.#parts = parts;
  }

  declare(folder: string, daemons: readonly DaemonManifest[]): void {
    for (const daemon of daemons) {
      if (this.#keepers.has(daemon.id)) continue;
      const keeper = this.#makeKeeper(folder, daemon);
      this.#keepers.set(daemon.id, keeper);
      keeper.onDidChange(() => this.#changed.fire());
      keeper.start();
    }
  }

  socketPath(id: string): string | undefined {
    return this.#keepers.get(id)?.socket;
  }

  /** Empty when ready; undefined when nobody has declared it. */
  notReadyReason(id: string): string | undefined {
    return this.#keepers.get(id)?.notReadyReason;
  }

  list(): { id: string; pid: number | undefined; notReadyReason: string }[] {
    return [...this.#keepers].map(([id, { pid, notReadyReason }]) => ({ id, pid, notReadyReason }));
  }

  /** They serve on; the next host adopts them. */
  async leave(): Promise<void> {
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.leave()));
  }

  /** Ends them and everything that they started; those that do not end when asked, after `patienceMs`. */
  async teardown(patienceMs?: number): Promise<void> {
    await Promise.all([...this.#keepers.values()].map((keeper) => keeper.teardown(patienceMs)));
    this.#keepers.clear();
  }

  #makeKeeper(folder: string, daemon: DaemonManifest): DaemonKeeper {
    const { paths, hierarchy, cgroup, logger, ...rest } = this.#parts;
    const kept = join(paths.data, "daemons", daemon.id);
    const folders = {
      state: join(kept, "state"),
      run: join(paths.run, "d", daemon.id),
      files: join(kept, "files"),
    };
    const words = { ...folders, folder, node: process.execPath };
    const fill = (text: string, where: string): string =>
      fillTemplate(text, words, `daemons ${daemon.id}: ${where}`);
    const socket = fill(daemon.ready.socket, "ready.socket");
    checkSocketPath(socket);
    return new DaemonKeeper({
      ...rest,
      id: daemon.id,
      folders,
      logs: join(kept, "log"),
      command: daemon.entry.map((word) => fill(word, "entry")),
      files: Object.fromEntries(
        Object.entries(daemon.files).map(([name, text]) => [name, fill(text, `files ${name}`)]),
      ),
      socket,
      group: hierarchy?.group(`${cgroup}/${daemon.id}`),
      logger: logger.with({ daemon: daemon.id }),
    });
  }
}
