import { isAbsolute, join } from "node:path";
import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";
import type { Runtimes } from "../pluginhost/contracts/index.ts";
import { podLogFolder } from "./config/sandbox-config.ts";
import { ImageCollector } from "./images/image-collector.ts";
import type { KubeletOptions } from "./kubelet-options.ts";
import { LogRotator, type RotatedLog } from "./logs/log-rotator.ts";
import { readUsage } from "./node/machine.ts";
import type { PodManager } from "./pods/pod-manager.ts";
import type { PodRuntimes } from "./pods/pod-parts.ts";

export interface ChoreParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly options: KubeletOptions;
  readonly manager: PodManager;
  readonly runtimes: PodRuntimes;
  readonly hosts: Runtimes;
}

const logsMs = 10_000;
const volumesMs = 30_000;
const imagesMs = 300_000;

/** What comes round on a node: logs are rotated, volumes kept up to date with the API, unused images removed. */
export class KubeletChores implements Disposable {
  readonly label = "kubelet chores";
  readonly #parts: ChoreParts;
  readonly #rotator: LogRotator;
  readonly #collector: ImageCollector;
  readonly #timers = new Map<string, Timer>();
  #disposed = false;

  constructor(parts: ChoreParts) {
    this.#parts = parts;
    this.#rotator = new LogRotator(parts.options.logRotation, parts.logger);
    this.#collector = new ImageCollector(parts.options.imageCollection, parts.logger);
  }

  start(): void {
    this.#repeat("logs", logsMs, () => this.#rotateLogs());
    this.#repeat("volumes", volumesMs, async () => this.#parts.manager.refreshVolumes());
    this.#repeat("images", imagesMs, () => this.#collectImages());
  }

  dispose(): void {
    this.#disposed = true;
    for (const timer of this.#timers.values()) timer.cancel();
  }

  #repeat(chore: string, ms: number, body: () => Promise<void>): void {
    const run = async (): Promise<void> => {
      try {
        await body();
      } catch (error) {
        this.#parts.logger.warn(`a chore of the node failed: ${chore}; it comes round again`, {
          error: errorMessage(error),
        });
      }
      if (!this.#disposed) this.#repeat(chore, ms, body);
    };
    this.#timers.set(
      chore,
      this.#parts.clock.after(ms, () => void run(), { background: true }),
    );
  }

  async #rotateLogs(): Promise<void> {
    const { clock, manager, options, runtimes } = this.#parts;
    const logs: RotatedLog[] = [];
    for (const worker of manager.workers) {
      const { handler } = await runtimes.choose(worker.pod);
      if (!handler?.ready) continue;
      for (const container of worker.actual.containers) {
        if (container.phase !== "running") continue;
        const path = isAbsolute(container.logPath)
          ? container.logPath
          : join(podLogFolder(options.logsRoot, worker.pod), container.name, `${container.attempt}.log`);
        const reopen = async (): Promise<void> =>
          void (await handler.cri.reopenContainerLog({ container_id: container.id }));
        logs.push({ containerId: container.id, path, reopen });
      }
    }
    const stamp = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
    await this.#rotator.rotate(logs, stamp);
  }

  async #collectImages(): Promise<void> {
    const { clock, hosts, manager, options } = this.#parts;
    const usage = await readUsage(options.kubeletRoot);
    const disk = { capacityBytes: usage.diskCapacityBytes, availableBytes: usage.diskAvailableBytes };
    const inUse = new Set(
      manager.workers.flatMap(({ actual }) => actual.containers.map(({ imageRef }) => imageRef)),
    );
    const handlers = new Map(hosts.list().flatMap((one) => (one.ready ? [[one.owner, one] as const] : [])));
    for (const handler of handlers.values()) await this.#collector.collect(handler, inUse, disk, clock.now());
  }
}
