import type { HostpathBackend } from "../backend/hostpath-backend.ts";
import type { SnapshotRecord, StoredRecord, VolumeRecord } from "./records.ts";

/** The records in memory, each change durable before it is seen. Ids come from here only, never from a path of a caller. */
export class RecordStore {
  readonly #backend: HostpathBackend;
  readonly #records = new Map<string, StoredRecord>();

  constructor(backend: HostpathBackend) {
    this.#backend = backend;
  }

  async load(): Promise<StoredRecord[]> {
    this.#records.clear();
    for (const record of await this.#backend.loadRecords()) this.#records.set(record.id, record);
    return [...this.#records.values()];
  }

  async save(record: StoredRecord): Promise<void> {
    await this.#backend.saveRecord(record);
    this.#records.set(record.id, record);
  }

  async remove(record: StoredRecord): Promise<void> {
    await this.#backend.removeRecord(record);
    this.#records.delete(record.id);
  }

  /** Undefined for one that is unknown, half made or half gone. */
  volume(id: string): VolumeRecord | undefined {
    const record = this.#records.get(id);
    return record?.kind === "volume" && record.state === "ready" ? record : undefined;
  }

  snapshot(id: string): SnapshotRecord | undefined {
    const record = this.#records.get(id);
    return record?.kind === "snapshot" && record.state === "ready" ? record : undefined;
  }

  volumes(): VolumeRecord[] {
    return this.#of("volume").filter(({ state }) => state === "ready");
  }

  snapshots(): SnapshotRecord[] {
    return this.#of("snapshot").filter(({ state }) => state === "ready");
  }

  /** In any state: a name is taken from its first intent until all is gone. */
  named<Kind extends StoredRecord["kind"]>(
    kind: Kind,
    name: string,
  ): Extract<StoredRecord, { kind: Kind }> | undefined {
    return this.#of(kind).find((record) => record.name === name);
  }

  /** In any state, by id. */
  any<Kind extends StoredRecord["kind"]>(
    kind: Kind,
    id: string,
  ): Extract<StoredRecord, { kind: Kind }> | undefined {
    return this.#of(kind).find((record) => record.id === id);
  }

  /** What all volumes may grow to. */
  promisedBytes(): number {
    return this.#of("volume").reduce((sum, { capacityBytes }) => sum + capacityBytes, 0);
  }

  #of<Kind extends StoredRecord["kind"]>(kind: Kind): Extract<StoredRecord, { kind: Kind }>[] {
    return [...this.#records.values()].filter(
      (record): record is Extract<StoredRecord, { kind: Kind }> => record.kind === kind,
    );
  }
}
