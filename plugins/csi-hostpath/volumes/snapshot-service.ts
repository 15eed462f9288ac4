import { randomUUID } from "node:crypto";
import type { Clock } from "@berth/base";
import { PluginError } from "@berth/sdk";
import type { HostpathBackend } from "../backend/hostpath-backend.ts";
import { volumeNotFound } from "./not-found.ts";
import type { RecordStore } from "./record-store.ts";
import type { SnapshotRecord } from "./records.ts";

/**
 * Copies of volumes at a moment. A volume in use is copied as it stands, file by file: consistent as after a power
 * cut at best, for an image, and per file for a folder.
 */
export class SnapshotService {
  readonly #records: RecordStore;
  readonly #backend: HostpathBackend;
  readonly #clock: Clock;

  constructor(records: RecordStore, backend: HostpathBackend, clock: Clock) {
    this.#records = records;
    this.#backend = backend;
    this.#clock = clock;
  }

  async create(name: string, sourceVolumeId: string, signal: AbortSignal): Promise<SnapshotRecord> {
    const existing = this.#records.named("snapshot", name);
    if (existing && existing.sourceVolumeId !== sourceVolumeId) {
      throw new PluginError(
        "ALREADY_EXISTS",
        `snapshot name ${JSON.stringify(name)} is taken by one of volume ${existing.sourceVolumeId}`,
        "Choose another name, or delete that snapshot.",
      );
    }
    if (existing?.state === "ready") return existing;
    if (existing) await this.erase(existing);
    const volume = this.#records.volume(sourceVolumeId);
    if (!volume) throw volumeNotFound(sourceVolumeId);
    const record: SnapshotRecord = {
      kind: "snapshot",
      id: `snap-${randomUUID()}`,
      name,
      state: "creating",
      access: volume.access,
      sourceVolumeId,
      sizeBytes: volume.capacityBytes,
      createdAt: this.#clock.now(),
    };
    await this.#records.save(record);
    try {
      await this.#backend.copyData(volume, record, volume.access, volume.capacityBytes, signal);
    } catch (error) {
      await this.erase(record);
      throw error;
    }
    const ready: SnapshotRecord = { ...record, state: "ready" };
    await this.#records.save(ready);
    return ready;
  }

  async delete(id: string): Promise<void> {
    const record = this.#records.any("snapshot", id);
    if (record) await this.erase(record);
  }

  async erase(record: SnapshotRecord): Promise<void> {
    await this.#records.save({ ...record, state: "deleting" });
    await this.#backend.removeData(record);
    await this.#records.remove(record);
  }
}
