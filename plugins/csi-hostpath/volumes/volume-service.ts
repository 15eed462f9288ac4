import { randomUUID } from "node:crypto";
import { PluginError } from "@berth/sdk";
import type { HostpathBackend } from "../backend/hostpath-backend.ts";
import type { HostpathConfig } from "../config.ts";
import type { AccessKind } from "./capability.ts";
import { chooseCapacity, isWithin, readRange } from "./capacity.ts";
import { snapshotNotFound, volumeNotFound } from "./not-found.ts";
import type { RecordStore } from "./record-store.ts";
import type { Source, StoredRecord, VolumeRecord } from "./records.ts";

export interface CreateVolume {
  readonly name: string;
  readonly access: AccessKind;
  readonly range: { required_bytes: string; limit_bytes: string } | null;
  readonly parameters: Readonly<Record<string, string>>;
  readonly source: Source | undefined;
}

/** Life of volumes: made once a name, grown, deleted with their data. */
export class VolumeService {
  readonly #config: HostpathConfig;
  readonly #records: RecordStore;
  readonly #backend: HostpathBackend;

  constructor(config: HostpathConfig, records: RecordStore, backend: HostpathBackend) {
    this.#config = config;
    this.#records = records;
    this.#backend = backend;
  }

  async create(request: CreateVolume, signal: AbortSignal): Promise<VolumeRecord> {
    const existing = this.#records.named("volume", request.name);
    if (existing?.state === "ready") return sameOrThrow(existing, request);
    if (existing) await this.#erase(existing);
    const source = request.source && this.#findSource(request.source, request.access);
    const atLeast = source?.kind === "volume" ? source.capacityBytes : (source?.sizeBytes ?? 0);
    const bytes = Math.max(chooseCapacity(request.range, this.#config), atLeast);
    if (source && !isWithin(bytes, request.range)) {
      throw new PluginError(
        "OUT_OF_RANGE",
        `the source has ${atLeast} bytes, more than the limit`,
        "Raise the limit.",
      );
    }
    await this.#checkRoom(bytes);
    return this.#make(
      {
        kind: "volume",
        id: `vol-${randomUUID()}`,
        name: request.name,
        state: "creating",
        access: request.access,
        capacityBytes: bytes,
        parameters: request.parameters,
        source: request.source,
        ephemeral: false,
      },
      source,
      signal,
    );
  }

  /** A volume that lives as long as one pod; its id is the caller's, already checked. */
  async createEphemeral(id: string, bytes: number, signal: AbortSignal): Promise<VolumeRecord> {
    const existing = this.#records.any("volume", id);
    if (existing?.state === "ready") return existing;
    if (existing) await this.#erase(existing);
    const capacityBytes = chooseCapacity({ required_bytes: bytes, limit_bytes: 0 }, this.#config);
    await this.#checkRoom(capacityBytes);
    const record: VolumeRecord = {
      kind: "volume",
      id,
      name: id,
      state: "creating",
      access: "mount",
      capacityBytes,
      parameters: {},
      source: undefined,
      ephemeral: true,
    };
    return this.#make(record, undefined, signal);
  }

  async delete(id: string): Promise<void> {
    const record = this.#records.any("volume", id);
    if (!record) return;
    const used = (await this.#backend.mounts()).find(({ volumeId }) => volumeId === id);
    if (used) {
      throw new PluginError(
        "FAILED_PRECONDITION",
        `volume ${id} is still mounted at ${used.target}`,
        "Unpublish and unstage it first.",
      );
    }
    await this.#erase(record);
  }

  /** Bytes it has afterwards. */
  async expand(
    id: string,
    range: { required_bytes: string; limit_bytes: string } | null,
  ): Promise<VolumeRecord> {
    const record = this.#records.volume(id);
    if (!record) throw volumeNotFound(id);
    const { required } = readRange(range);
    if (!range || required === 0) {
      throw new PluginError(
        "INVALID_ARGUMENT",
        "capacity_range.required_bytes is missing",
        "Send the new size.",
      );
    }
    if (record.capacityBytes >= required) return record;
    const bytes = chooseCapacity(range, this.#config);
    await this.#checkRoom(bytes - record.capacityBytes);
    if (record.access === "block") await this.#backend.growImage(record, bytes);
    const grown = { ...record, capacityBytes: bytes };
    await this.#records.save(grown);
    return grown;
  }

  /** Bytes that new volumes may still ask for. */
  async availableBytes(): Promise<number> {
    const space = await this.#backend.fileSystem();
    const total = this.#config.capacityBytes > 0 ? this.#config.capacityBytes : space.totalBytes;
    return Math.max(0, Math.min(total - this.#records.promisedBytes(), space.freeBytes));
  }

  async #checkRoom(bytes: number): Promise<void> {
    const available = await this.availableBytes();
    if (bytes <= available) return;
    throw new PluginError(
      "RESOURCE_EXHAUSTED",
      `${bytes} bytes are asked for and ${available} are left on this node`,
      "Delete volumes, raise capacityBytes, or use another node.",
    );
  }

  async #make(
    record: VolumeRecord,
    source: StoredRecord | undefined,
    signal: AbortSignal,
  ): Promise<VolumeRecord> {
    await this.#records.save(record);
    try {
      if (source) await this.#backend.copyData(source, record, record.access, record.capacityBytes, signal);
      else await this.#backend.createData(record, record.access, record.capacityBytes);
    } catch (error) {
      await this.#erase(record);
      throw error;
    }
    const ready: VolumeRecord = { ...record, state: "ready" };
    await this.#records.save(ready);
    return ready;
  }

  async #erase(record: VolumeRecord): Promise<void> {
    await this.#records.save({ ...record, state: "deleting" });
    await this.#backend.detach(record);
    await this.#backend.removeData(record);
    await this.#records.remove(record);
  }

  #findSource({ kind, id }: Source, access: AccessKind): StoredRecord {
    const source = kind === "volume" ? this.#records.volume(id) : this.#records.snapshot(id);
    if (!source) throw kind === "volume" ? volumeNotFound(id) : snapshotNotFound(id);
    if (source.access !== access) {
      throw new PluginError(
        "INVALID_ARGUMENT",
        `${kind} ${id} is of kind ${source.access} and cannot become one of kind ${access}`,
        "Ask for the same kind.",
      );
    }
    return source;
  }
}

function sameOrThrow(existing: VolumeRecord, request: CreateVolume): VolumeRecord {
  const different =
    existing.access !== request.access
      ? "kind"
      : !isWithin(existing.capacityBytes, request.range)
        ? "size"
        : !equal(existing.source, request.source)
          ? "source"
          : !equal(sorted(existing.parameters), sorted(request.parameters))
            ? "parameters"
            : undefined;
  if (different === undefined) return existing;
  throw new PluginError(
    "ALREADY_EXISTS",
    `volume name ${JSON.stringify(request.name)} is taken by ${existing.id} with another ${different}`,
    "Choose another name, or delete that volume.",
  );
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
