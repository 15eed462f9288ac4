import { PluginError, type Call, type Implementation } from "@berth/sdk";
import type { ControllerHandlers } from "@berth/proto/generated/csi/csi/v1/Controller.ts";
import type { HostpathBackend } from "../backend/hostpath-backend.ts";
import { readCapabilities, refusesMode } from "../volumes/capability.ts";
import { needed, snapshotNotFound, volumeNotFound } from "../volumes/not-found.ts";
import { page } from "../volumes/paging.ts";
import type { RecordStore } from "../volumes/record-store.ts";
import type { Source, VolumeRecord } from "../volumes/records.ts";
import type { SnapshotService } from "../volumes/snapshot-service.ts";
import type { VolumeService } from "../volumes/volume-service.ts";
import { type NodeTopology, snapshotMessage, volumeMessage } from "./messages.ts";

type Verbs = Required<Implementation<ControllerHandlers, Call>>;
type Request<Name extends keyof Verbs> = Parameters<Verbs[Name]>[0];

const rpcs = [
  "CREATE_DELETE_VOLUME",
  "LIST_VOLUMES",
  "LIST_VOLUMES_PUBLISHED_NODES",
  "GET_CAPACITY",
  "CREATE_DELETE_SNAPSHOT",
  "LIST_SNAPSHOTS",
  "GET_SNAPSHOT",
  "CLONE_VOLUME",
  "EXPAND_VOLUME",
  "GET_VOLUME",
  "VOLUME_CONDITION",
  "SINGLE_NODE_MULTI_WRITER",
] as const;

/** csi.v1.Controller: from messages of the contract to volumes and snapshots, and back. */
export class ControllerVerbs implements Implementation<ControllerHandlers, Call> {
  readonly #volumes: VolumeService;
  readonly #snapshots: SnapshotService;
  readonly #records: RecordStore;
  readonly #backend: HostpathBackend;
  readonly #topology: NodeTopology;

  constructor(
    volumes: VolumeService,
    snapshots: SnapshotService,
    records: RecordStore,
    backend: HostpathBackend,
    topology: NodeTopology,
  ) {
    this.#volumes = volumes;
    this.#snapshots = snapshots;
    this.#records = records;
    this.#backend = backend;
    this.#topology = topology;
  }

  controllerGetCapabilities() {
    return { capabilities: rpcs.map((type) => ({ rpc: { type } })) };
  }

  async createVolume(request: Request<"createVolume">, call: Call) {
    const name = needed(request.name, "name");
    const where = `volume ${name}`;
    this.#topology.check(request.accessibility_requirements, where);
    const volume = await this.#volumes.create(
      {
        name,
        access: readCapabilities(request.volume_capabilities, where),
        range: request.capacity_range,
        parameters: request.parameters,
        source: readSource(request.volume_content_source),
      },
      call.signal,
    );
    return { volume: this.#message(volume) };
  }

  async deleteVolume(request: Request<"deleteVolume">) {
    await this.#volumes.delete(needed(request.volume_id, "volume_id"));
    return {};
  }

  validateVolumeCapabilities(request: Request<"validateVolumeCapabilities">) {
    const volume = this.#volume(request.volume_id);
    const { volume_capabilities } = request;
    if (volume_capabilities.length === 0) {
      throw new PluginError("INVALID_ARGUMENT", "volume_capabilities is empty", "Send those to validate.");
    }
    const refusals = volume_capabilities.flatMap((capability) => {
      const kind = capability.block ? "block" : "mount";
      return kind === volume.access
        ? (refusesMode(capability) ?? [])
        : `the volume is of kind ${volume.access}`;
    });
    if (refusals.length > 0) return { message: refusals.join("; ") };
    return {
      confirmed: {
        volume_capabilities,
        volume_context: request.volume_context,
        parameters: request.parameters,
      },
    };
  }

  async listVolumes(request: Request<"listVolumes">) {
    const { entries, nextToken } = page(this.#records.volumes(), request);
    const mounts = await this.#backend.mounts();
    return {
      next_token: nextToken,
      entries: await Promise.all(
        entries.map(async (volume) => ({
          volume: this.#message(volume),
          status: await this.#status(volume, mounts),
        })),
      ),
    };
  }

  async controllerGetVolume(request: Request<"controllerGetVolume">) {
    const volume = this.#volume(request.volume_id);
    return {
      volume: this.#message(volume),
      status: await this.#status(volume, await this.#backend.mounts()),
    };
  }

  async getCapacity(request: Request<"getCapacity">) {
    if (!this.#topology.matches(request.accessible_topology)) return { available_capacity: "0" };
    if (request.volume_capabilities.some(refusesMode)) return { available_capacity: "0" };
    return { available_capacity: String(await this.#volumes.availableBytes()) };
  }

  async controllerExpandVolume(request: Request<"controllerExpandVolume">) {
    const volume = await this.#volumes.expand(needed(request.volume_id, "volume_id"), request.capacity_range);
    return {
      capacity_bytes: String(volume.capacityBytes),
      node_expansion_required: volume.access === "block",
    };
  }

  async createSnapshot(request: Request<"createSnapshot">, call: Call) {
    const snapshot = await this.#snapshots.create(
      needed(request.name, "name"),
      needed(request.source_volume_id, "source_volume_id"),
      call.signal,
    );
    return { snapshot: snapshotMessage(snapshot) };
  }

  async deleteSnapshot(request: Request<"deleteSnapshot">) {
    await this.#snapshots.delete(needed(request.snapshot_id, "snapshot_id"));
    return {};
  }

  getSnapshot(request: Request<"getSnapshot">) {
    const snapshot = this.#records.snapshot(needed(request.snapshot_id, "snapshot_id"));
    if (!snapshot) throw snapshotNotFound(request.snapshot_id);
    return { snapshot: snapshotMessage(snapshot) };
  }

  listSnapshots(request: Request<"listSnapshots">) {
    const { snapshot_id, source_volume_id } = request;
    const wanted = this.#records
      .snapshots()
      .filter(({ id }) => snapshot_id === "" || id === snapshot_id)
      .filter(({ sourceVolumeId }) => source_volume_id === "" || sourceVolumeId === source_volume_id);
    const { entries, nextToken } = page(wanted, request);
    return { entries: entries.map((entry) => ({ snapshot: snapshotMessage(entry) })), next_token: nextToken };
  }

  #volume(id: string): VolumeRecord {
    const volume = this.#records.volume(needed(id, "volume_id"));
    if (!volume) throw volumeNotFound(id);
    return volume;
  }

  #message(volume: VolumeRecord) {
    return volumeMessage(volume, this.#topology);
  }

  async #status(volume: VolumeRecord, mounts: readonly { volumeId: string }[]) {
    const published = mounts.some(({ volumeId }) => volumeId === volume.id);
    const whole = await this.#backend.hasData(volume);
    return {
      published_node_ids: published ? [this.#topology.nodeId] : [],
      volume_condition: {
        abnormal: !whole,
        message: whole ? "data is present" : "data is gone from the disk",
      },
    };
  }
}

function readSource(source: Request<"createVolume">["volume_content_source"]): Source | undefined {
  if (source?.snapshot) return { kind: "snapshot", id: needed(source.snapshot.snapshot_id, "snapshot_id") };
  if (source?.volume) return { kind: "volume", id: needed(source.volume.volume_id, "volume_id") };
  return undefined;
}
