import { BerthError, errorMessage, isBerthError, type Logger } from "@berth/base";
import type { ParentCall } from "@berth/verbs";
import type { PodSandboxConfig__Output } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import { notFound, sandboxFailed, wrongState } from "../cri-error.ts";
import type { ContainerDriver } from "../driver.ts";
import { KeyedLock } from "../keyed-lock.ts";
import type { CriPaths } from "../paths.ts";
import type { RecordStore } from "../record-store.ts";
import { nowNanos, type SandboxRecord, sandboxId } from "../records.ts";
import {
  isPinned,
  namespacePath,
  pinNamespaces,
  raiseLoopback,
  setHostname,
  unpinNamespaces,
  writeSysctls,
} from "./namespaces.ts";
import { removeOwnCgroup } from "./sandbox-cgroup.ts";
import { namespacesOf, pinnedKinds, refuseUnsupported } from "./sandbox-choices.ts";
import { writeHosts, writeSandboxFiles } from "./sandbox-files.ts";
import type { SandboxNetwork } from "./sandbox-network.ts";

export interface SandboxParts {
  readonly store: RecordStore;
  readonly paths: CriPaths;
  readonly network: SandboxNetwork;
  readonly driver: ContainerDriver;
  readonly log: Logger;
  /** The plugin's id and version. */
  readonly madeBy: string;
}

/** How long what a failed or abandoned RunPodSandbox has made may take to be undone. */
const undoMs = 10_000;

/** Pod sandboxes: namespaces pinned as files, an address, and whatever the runtime adds. */
export class SandboxService {
  readonly #parts: SandboxParts;
  readonly #sandboxes = new Map<string, SandboxRecord>();
  readonly #lock = new KeyedLock();

  constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  restore(records: readonly SandboxRecord[]): void {
    for (const record of records) this.#sandboxes.set(record.id, record);
  }

  list(): SandboxRecord[] {
    return [...this.#sandboxes.values()];
  }

  /** By id or a begin of it that is unique. */
  find(id: string): SandboxRecord | undefined {
    const exact = this.#sandboxes.get(id);
    if (exact || id === "") return exact;
    const matches = this.list().filter((record) => record.id.startsWith(id));
    return matches.length === 1 ? matches[0] : undefined;
  }

  require(id: string): SandboxRecord {
    const found = this.find(id);
    if (found) return found;
    throw new BerthError(notFound, `there is no pod sandbox ${id}`);
  }

  isReady(record: SandboxRecord): boolean {
    const kinds = pinnedKinds(namespacesOf(record.config));
    return (
      record.phase === "ready" && kinds.every((kind) => isPinned(this.#parts.paths.sandbox(record.id), kind))
    );
  }

  /** Path of the network namespace; empty on the node's network. */
  netns(record: SandboxRecord): string {
    return namespacesOf(record.config).network
      ? namespacePath(this.#parts.paths.sandbox(record.id), "net")
      : "";
  }

  async run(config: PodSandboxConfig__Output, handler: string, call: ParentCall): Promise<SandboxRecord> {
    refuseUnsupported(config);
    const id = sandboxId(config.metadata!);
    return this.#lock.run(id, async () => {
      const known = this.#sandboxes.get(id);
      if (known && this.isReady(known)) return known;
      if (known?.phase === "stopped" || known?.phase === "ready") {
        throw new BerthError(
          wrongState,
          `sandbox ${id} of pod ${config.metadata!.namespace}/${config.metadata!.name} has been stopped; remove it or raise the attempt`,
        );
      }
      // What a killed process left of the same sandbox is undone first: every step then starts from nothing.
      if (known) await this.#undo(known, call.signal);
      const record: SandboxRecord = {
        id,
        config,
        runtimeHandler: handler,
        createdAt: nowNanos(),
        phase: "creating",
        ips: [],
        madeBy: this.#parts.madeBy,
      };
      return this.#create(record, call);
    });
  }

  async #create(record: SandboxRecord, call: ParentCall): Promise<SandboxRecord> {
    const { store, driver } = this.#parts;
    await store.createSandbox(record, driver.runtimeOf(record.runtimeHandler));
    this.#sandboxes.set(record.id, record);
    try {
      this.#makeNamespaces(record);
      const netns = this.netns(record);
      if (netns !== "") record.ips = await this.#parts.network.attach(record, netns, call);
      writeHosts(this.#parts.paths, record, netns === "");
      await driver.startSandbox(record, call.signal);
      call.signal.throwIfAborted();
      record.phase = "ready";
      await store.update(record);
      return record;
    } catch (error) {
      await this.#undoAfter(record, error);
      if (isBerthError(error)) throw error;
      const { namespace, name } = record.config.metadata!;
      throw new BerthError(sandboxFailed, `sandbox of pod ${namespace}/${name}: ${errorMessage(error)}`, {
        cause: error,
      });
    }
  }

  #makeNamespaces(record: SandboxRecord): void {
    const { paths } = this.#parts;
    const namespaces = namespacesOf(record.config);
    const kinds = pinnedKinds(namespaces);
    pinNamespaces(paths.sandbox(record.id), kinds, () => {
      if (kinds.includes("net")) raiseLoopback();
      if (kinds.includes("uts") && record.config.hostname !== "") setHostname(record.config.hostname);
      writeSysctls(record.config.linux?.sysctls ?? {});
    });
    writeSandboxFiles(paths, record, { shm: namespaces.ipc });
  }

  async #undoAfter(record: SandboxRecord, cause: unknown): Promise<void> {
    try {
      await this.#undo(record, AbortSignal.timeout(undoMs));
      await this.#parts.store.delete(record.id);
      this.#sandboxes.delete(record.id);
    } catch (error) {
      record.phase = "stopped";
      this.#parts.log.error("a sandbox that failed could not be undone; it stays, not ready, to be removed", {
        sandbox: record.id,
        cause: errorMessage(cause),
        error: errorMessage(error),
      });
      await this.#parts.store.update(record);
    }
  }

  /** Everything but the record, in reverse order of making; each step succeeds when there is nothing to do. */
  async #undo(record: SandboxRecord, signal: AbortSignal | undefined): Promise<void> {
    const { driver, network, paths } = this.#parts;
    await driver.stopSandbox(record, signal);
    const folder = paths.sandbox(record.id);
    const netns = this.netns(record);
    if (netns !== "") await network.detach(record.id, isPinned(folder, "net") ? netns : "");
    unpinNamespaces(folder);
    removeOwnCgroup(record);
  }

  /** Its containers must have ended. Stopping twice, or what is not there, is fine. */
  async stop(id: string, signal?: AbortSignal): Promise<void> {
    await this.#lock.run(id, async () => {
      const record = this.#sandboxes.get(id);
      if (!record) return;
      await this.#undo(record, signal);
      if (record.phase === "stopped") return;
      record.phase = "stopped";
      await this.#parts.store.update(record);
    });
  }

  async remove(id: string, signal?: AbortSignal): Promise<void> {
    await this.stop(id, signal);
    await this.#lock.run(id, async () => {
      await this.#parts.store.delete(id);
      this.#sandboxes.delete(id);
    });
  }
}
