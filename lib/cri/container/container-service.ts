import { BerthError, Emitter, errorMessage, isBerthError, type Logger } from "@berth/base";
import type { ContainerConfig__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import { notFound, wrongState } from "../cri-error.ts";
import type { ContainerDriver, ProcessExit, ProcessState } from "../driver.ts";
import type { ImageStore } from "../images/image-store.ts";
import { KeyedLock } from "../keyed-lock.ts";
import type { LogPumps } from "../logs/log-pumps.ts";
import type { CriPaths } from "../paths.ts";
import type { RecordStore } from "../record-store.ts";
import { type ContainerRecord, containerId, nowNanos, type SandboxRecord } from "../records.ts";
import type { SandboxService } from "../sandbox/sandbox-service.ts";
import { sharesPodPid } from "./container-spec.ts";
import type { NodeFacts } from "./node-facts.ts";
import { logPathOf, makeStdio, removeStdio } from "./container-stdio.ts";
import type { RootfsStore } from "./rootfs.ts";
import { makeSpec } from "./make-spec.ts";
import { countOomKills } from "./oom-kills.ts";
import { signalNumber } from "./signals.ts";

export interface ContainerParts {
  readonly store: RecordStore;
  readonly paths: CriPaths;
  readonly images: ImageStore;
  readonly rootfs: RootfsStore;
  readonly sandboxes: SandboxService;
  readonly driver: ContainerDriver;
  readonly logs: LogPumps;
  readonly node: NodeFacts;
  readonly log: Logger;
}

export type ContainerChange = {
  kind: "created" | "started" | "stopped" | "deleted";
  container: ContainerRecord;
};

/** Exit code of a container whose end nobody could witness. */
const lostExitCode = 255;
const sigkill = 9;

/** Containers from their creation to their removal. */
export class ContainerService {
  readonly #parts: ContainerParts;
  readonly #containers = new Map<string, ContainerRecord>();
  readonly #lock = new KeyedLock();
  readonly #changes = new Emitter<ContainerChange>();

  constructor(parts: ContainerParts) {
    this.#parts = parts;
  }

  readonly onDidChange = this.#changes.event;

  list(): ContainerRecord[] {
    return [...this.#containers.values()];
  }

  of(sandboxId: string): ContainerRecord[] {
    return this.list().filter((record) => record.sandboxId === sandboxId);
  }

  find(id: string): ContainerRecord | undefined {
    const exact = this.#containers.get(id);
    if (exact || id === "") return exact;
    const matches = this.list().filter((record) => record.id.startsWith(id));
    return matches.length === 1 ? matches[0] : undefined;
  }

  require(id: string): ContainerRecord {
    const found = this.find(id);
    if (found) return found;
    throw new BerthError(notFound, `there is no container ${id}`);
  }

  requireRunning(id: string): ContainerRecord {
    const record = this.require(id);
    if (record.phase === "started") return record;
    throw new BerthError(
      wrongState,
      `container ${record.config.metadata?.name} (${id}) is ${record.phase}, not running`,
    );
  }

  /** Takes over what former processes made, and learns what happened since. */
  async restore(records: readonly ContainerRecord[]): Promise<void> {
    for (const record of records) this.#containers.set(record.id, record);
    await this.relist();
  }

  /** Compares what is believed with what the runtime has; the fallback for every event that was not heard. */
  async relist(only?: string): Promise<void> {
    if (only !== undefined) {
      const record = this.#containers.get(only);
      if (record && record.phase !== "exited")
        await this.#meet(record, await this.#parts.driver.state(record));
      return;
    }
    const states = await this.#parts.driver.list();
    await Promise.all(this.list().map((record) => this.#meet(record, states.get(record.id))));
  }

  async #meet(record: ContainerRecord, state: ProcessState | undefined): Promise<void> {
    if (record.phase === "exited") return;
    if (state?.phase === "running" && record.phase === "started") {
      this.#parts.logs.start(
        record.id,
        this.#parts.paths.container(record.id),
        logPathOf(record, this.#sandboxOf(record)),
      );
      return;
    }
    await this.#lock.run(record.id, async () => {
      if (record.phase === "started" && state?.phase !== "running") await this.#ended(record, state);
      // Killed between the runtime's start and our note of it: it is running, so it has been started.
      else if (record.phase === "created" && state?.phase === "running") this.#noteStart(record);
    });
  }

  async create(sandbox: SandboxRecord, config: ContainerConfig__Output): Promise<ContainerRecord> {
    const id = containerId(sandbox.id, config.metadata!);
    return this.#lock.run(id, async () => {
      const known = this.#containers.get(id);
      if (known) return known;
      if (!this.#parts.sandboxes.isReady(sandbox)) {
        throw new BerthError(
          wrongState,
          `sandbox ${sandbox.id} is not ready; container ${config.metadata?.name} cannot be created in it`,
        );
      }
      const image = await this.#parts.images.require(config.image?.image ?? "");
      const mounts = await this.#parts.rootfs.prepare(id, image.config);
      try {
        const { record, spec } = makeSpec({
          id,
          sandbox,
          config,
          image,
          mounts,
          pidPath: await this.#pidPath(sandbox, config),
          ...this.#parts,
        });
        makeStdio(this.#parts.paths.container(id), config);
        await this.#parts.store.createContainer(
          record,
          this.#parts.driver.runtimeOf(sandbox.runtimeHandler),
          spec,
          {
            snapshotter: this.#parts.rootfs.snapshotter,
            key: id,
          },
        );
        this.#containers.set(id, record);
        this.#changes.fire({ kind: "created", container: record });
        return record;
      } catch (error) {
        removeStdio(this.#parts.paths.container(id));
        await this.#parts.rootfs.remove(id);
        throw error;
      }
    });
  }

  /** Whose process namespace the container joins; undefined for its own or the node's. */
  async #pidPath(sandbox: SandboxRecord, config: ContainerConfig__Output): Promise<string | undefined> {
    const options = config.linux?.security_context?.namespace_options;
    let pid: number | undefined;
    if (options?.pid === "TARGET") {
      const state = await this.#parts.driver.state(this.requireRunning(options.target_id));
      if (state?.phase === "running") pid = state.pid;
    } else if (sharesPodPid(config, sandbox)) pid = await this.#parts.driver.sandboxPid(sandbox);
    else return undefined;
    if (pid !== undefined) return `/proc/${pid}/ns/pid`;
    throw new BerthError(
      wrongState,
      `container ${config.metadata?.name}: the process whose namespace it shares is gone`,
    );
  }

  async start(id: string, signal: AbortSignal): Promise<void> {
    const record = this.require(id);
    await this.#lock.run(record.id, async () => {
      if (record.phase === "started") return;
      if (record.phase === "exited") {
        throw new BerthError(
          wrongState,
          `container ${record.config.metadata?.name} (${id}) has run already; create another`,
        );
      }
      const { driver, paths, rootfs } = this.#parts;
      const sandbox = this.#sandboxOf(record);
      const folder = paths.container(record.id);
      try {
        const stdio = makeStdio(folder, record.config);
        await driver.start(sandbox, record, await rootfs.mounts(record.id), stdio, signal);
      } catch (error) {
        await this.#failedStart(record, error);
        throw error;
      }
      this.#noteStart(record);
    });
  }

  async #failedStart(record: ContainerRecord, error: unknown): Promise<void> {
    await this.#parts.driver.delete(record);
    record.phase = "exited";
    record.finishedAt = nowNanos();
    record.exitCode = 128;
    record.reason = "StartError";
    record.message = errorMessage(error);
    await this.#parts.store.update(record);
    this.#changes.fire({ kind: "stopped", container: record });
  }

  #noteStart(record: ContainerRecord): void {
    record.phase = "started";
    record.startedAt = nowNanos();
    this.#parts.logs.start(
      record.id,
      this.#parts.paths.container(record.id),
      logPathOf(record, this.#sandboxOf(record)),
    );
    this.#changes.fire({ kind: "started", container: record });
    // Not waited for: a process that is killed before it is written finds the container running and notes it again.
    this.#parts.store.update(record).catch((error: unknown) => {
      this.#parts.log.warn(
        "the start of a container could not be noted; it is found again at the next start",
        {
          container: record.id,
          error: errorMessage(error),
        },
      );
    });
  }

  async #ended(record: ContainerRecord, state: ProcessState | undefined): Promise<void> {
    const { driver, logs, store } = this.#parts;
    const spec = await store.spec(record.id);
    const oomKills = countOomKills(spec?.linux.cgroupsPath);
    const seen = await driver.delete(record);
    logs.start(record.id, this.#parts.paths.container(record.id), logPathOf(record, this.#sandboxOf(record)));
    logs.finish(record.id);
    const exit: ProcessExit | undefined = state?.phase === "exited" ? state : seen;
    record.phase = "exited";
    record.exitCode = exit?.exitCode ?? lostExitCode;
    record.finishedAt = exit?.exitedAt ?? nowNanos();
    record.reason =
      oomKills > 0 && record.exitCode !== 0 ? "OOMKilled" : record.exitCode === 0 ? "Completed" : "Error";
    record.message = exit
      ? ""
      : "its process was gone when the runtime plugin looked; the exit code was lost with it";
    await store.update(record);
    this.#changes.fire({ kind: "stopped", container: record });
  }

  /** Asks it to end, and makes it end after `timeoutMs`. Resolves when it has. */
  async stop(id: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    const record = this.find(id);
    if (!record || record.phase !== "started") return;
    const { driver } = this.#parts;
    if (timeoutMs > 0) {
      const asked = await driver.kill(record, signalNumber(record.stopSignal), false, signal);
      if (!asked) await this.relist(record.id);
      if (await this.#endsWithin(record, timeoutMs)) return;
    }
    if (!(await driver.kill(record, sigkill, true, signal))) await this.relist(record.id);
    // A process in an uninterruptible wait can survive SIGKILL; the caller's deadline bounds this.
    while (!(await this.#endsWithin(record, 1_000))) {
      signal?.throwIfAborted();
      await this.relist(record.id);
    }
  }

  #endsWithin(record: ContainerRecord, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (ended: boolean): void => {
        clearTimeout(timer);
        void subscription.dispose();
        resolve(ended);
      };
      const timer = setTimeout(() => done(false), ms);
      const subscription = this.onDidChange(({ kind, container }) => {
        if (kind === "stopped" && container.id === record.id) done(true);
      });
      if (record.phase === "exited") done(true);
    });
  }

  /** Kills it if it runs. Absent is fine. */
  async remove(id: string, signal?: AbortSignal): Promise<void> {
    const record = this.find(id);
    if (!record) return;
    await this.stop(record.id, 0, signal);
    await this.#lock.run(record.id, async () => {
      const { driver, logs, paths, rootfs, store } = this.#parts;
      await driver.delete(record, signal);
      logs.finish(record.id);
      await rootfs.remove(record.id);
      removeStdio(paths.container(record.id));
      await store.delete(record.id);
      if (!this.#containers.delete(record.id)) return;
      this.#changes.fire({ kind: "deleted", container: record });
    });
  }

  async update(record: ContainerRecord): Promise<void> {
    await this.#parts.store.update(record);
  }

  #sandboxOf(record: ContainerRecord): SandboxRecord {
    return this.#parts.sandboxes.require(record.sandboxId);
  }

  /** For loops that nobody awaits: a failure is said and the next event or relist tries again. */
  relistInBackground(only?: string): void {
    this.relist(only).catch((error: unknown) => {
      if (isBerthError(error, notFound)) return;
      this.#parts.log.warn(
        "the runtime could not be asked for its containers; asking again on the next event",
        {
          error: errorMessage(error),
        },
      );
    });
  }
}
