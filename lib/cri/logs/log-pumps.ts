import { existsSync, type FSWatcher, watch } from "node:fs";
import { type Clock, type Disposable, errorMessage, type Logger, systemClock, type Timer } from "@berth/base";
import { ContainerLog } from "./container-log.ts";

/** Events can be lost; sizes cannot. How often every spool is looked at without being told. */
const rescanMs = 2_000;

interface Pump {
  readonly log: ContainerLog;
  readonly watcher: FSWatcher;
  scheduled: boolean;
}

/** The logs of all containers that may still write, each woken by its spool's folder. */
export class LogPumps implements Disposable {
  readonly label = "log pumps";
  readonly #pumps = new Map<string, Pump>();
  readonly #logger: Logger;
  readonly #clock: Clock;
  #rescan: Timer | undefined;

  constructor(logger: Logger, clock: Clock = systemClock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Begins, or goes on where a former process stopped. */
  start(containerId: string, folder: string, logPath: string): void {
    if (this.#pumps.has(containerId) || !existsSync(folder)) return;
    const log = new ContainerLog(folder, logPath);
    const watcher = watch(folder, { persistent: false }, (_event, file) => {
      if (file === "stdout" || file === "stderr") this.#wake(containerId);
    });
    this.#pumps.set(containerId, { log, watcher, scheduled: false });
    this.#wake(containerId);
    this.#rescan ??= this.#scheduleRescan();
  }

  get(containerId: string): ContainerLog | undefined {
    return this.#pumps.get(containerId)?.log;
  }

  /** The container has ended: writes what is left and closes. */
  finish(containerId: string): void {
    const pump = this.#pumps.get(containerId);
    if (!pump) return;
    this.#guard(containerId, () => pump.log.drainAll(true));
    this.#close(containerId, pump);
  }

  dispose(): void {
    this.#rescan?.cancel();
    this.#rescan = undefined;
    for (const [id, pump] of this.#pumps) this.#close(id, pump);
  }

  #wake(containerId: string): void {
    const pump = this.#pumps.get(containerId);
    if (!pump || pump.scheduled) return;
    pump.scheduled = true;
    setImmediate(() => {
      pump.scheduled = false;
      if (this.#pumps.get(containerId) !== pump) return;
      this.#guard(containerId, () => {
        if (pump.log.drain()) this.#wake(containerId);
      });
    });
  }

  /** A full disk must not end the plugin; the spool keeps the lines until the next look. */
  #guard(containerId: string, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#logger.error("output of a container could not be written to its log; it waits in the spool", {
        container: containerId,
        error: errorMessage(error),
      });
    }
  }

  #scheduleRescan(): Timer {
    return this.#clock.after(
      rescanMs,
      () => {
        for (const id of this.#pumps.keys()) this.#wake(id);
        this.#rescan = this.#pumps.size > 0 ? this.#scheduleRescan() : undefined;
      },
      { background: true },
    );
  }

  #close(containerId: string, pump: Pump): void {
    this.#pumps.delete(containerId);
    pump.watcher.close();
    pump.log.close();
  }
}
