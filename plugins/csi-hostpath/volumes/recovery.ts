import type { Logger } from "@berth/base";
import type { Holding, PluginLife, SynchronizeAnswer, SynchronizeRequest } from "@berth/sdk";
import type { HostpathBackend } from "../backend/hostpath-backend.ts";
import type { RecordStore } from "./record-store.ts";
import type { StoredRecord } from "./records.ts";

/** What the plugin does between calls: finishes what a kill cut short, and lets go of what the node forgot. */
export class HostpathLife implements PluginLife {
  readonly registration: { readonly name: string };
  readonly #records: RecordStore;
  readonly #backend: HostpathBackend;
  readonly #log: Logger;

  constructor(driverName: string, records: RecordStore, backend: HostpathBackend, log: Logger) {
    this.registration = { name: driverName };
    this.#records = records;
    this.#backend = backend;
    this.#log = log;
  }

  /** Undoes creations that were cut short and finishes deletions; both by removing. */
  async activate(): Promise<void> {
    await this.#backend.removeUnrecorded();
    for (const record of await this.#records.load()) {
      if (record.state === "ready") continue;
      this.#log.info("finishing what was cut short", { id: record.id, state: record.state });
      await this.#erase(record);
    }
  }

  /**
   * Releases mounts and loop devices of volumes that the node no longer publishes or stages (kind `volume`). Data is only ever
   * deleted by DeleteVolume; but an ephemeral volume is its mount, so it goes with it.
   */
  async synchronize(request: SynchronizeRequest): Promise<SynchronizeAnswer> {
    const valid = new Set(request.stillValid.filter(({ kind }) => kind === "volume").map(({ id }) => id));
    const released: Holding[] = [];
    if (request.authoritative) {
      for (const mount of await this.#backend.mounts()) {
        if (valid.has(mount.volumeId)) continue;
        await this.#backend.unmount(mount.target, { remove: true });
        released.push(holding(mount));
      }
      for (const record of this.#records.volumes()) {
        if (valid.has(record.id)) continue;
        if (record.access === "block") await this.#backend.detach(record);
        if (record.ephemeral) await this.#erase(record);
      }
    }
    return { held: (await this.#backend.mounts()).map(holding), released };
  }

  /** With "teardown" nothing of ours stays mounted or attached; the data stays, it belongs to the claims. */
  async shutdown(reason: string): Promise<void> {
    if (reason === "teardown") await this.synchronize({ stillValid: [], authoritative: true });
  }

  async probe(): Promise<string | undefined> {
    const { totalBytes } = await this.#backend.fileSystem();
    return totalBytes > 0 ? undefined : "the file system of the volumes reports no size";
  }

  facts(): Record<string, string> {
    return {
      volumes: String(this.#records.volumes().length),
      snapshots: String(this.#records.snapshots().length),
      capacity: "advisory for mounted folders, enforced for block volumes",
    };
  }

  async #erase(record: StoredRecord): Promise<void> {
    await this.#records.save({ ...record, state: "deleting" });
    if (record.kind === "volume") await this.#backend.detach(record);
    await this.#backend.removeData(record);
    await this.#records.remove(record);
  }
}

function holding({ volumeId, target }: { volumeId: string; target: string }): Holding {
  return { kind: "volume", id: volumeId, context: { target } };
}
