import { isAbsolute, normalize } from "node:path";
import { PluginError, type Call, type Implementation } from "@berth/sdk";
import type { NodeHandlers } from "@berth/proto/generated/csi/csi/v1/Node.ts";
import type { HostpathBackend, VolumeMount } from "../backend/hostpath-backend.ts";
import { type Capability, readCapability } from "../volumes/capability.ts";
import { needed, volumeNotFound } from "../volumes/not-found.ts";
import type { RecordStore } from "../volumes/record-store.ts";
import type { VolumeRecord } from "../volumes/records.ts";
import type { VolumeService } from "../volumes/volume-service.ts";
import type { NodeTopology } from "./messages.ts";

type Verbs = Required<Implementation<NodeHandlers, Call>>;
type Request<Name extends keyof Verbs> = Parameters<Verbs[Name]>[0];

const rpcs = [
  "STAGE_UNSTAGE_VOLUME",
  "GET_VOLUME_STATS",
  "EXPAND_VOLUME",
  "VOLUME_CONDITION",
  "SINGLE_NODE_MULTI_WRITER",
] as const;

const ephemeralKey = "csi.storage.k8s.io/ephemeral";
const ephemeralId = /^[A-Za-z0-9][A-Za-z0-9-]{0,127}$/u;

/** csi.v1.Node: what is where is read from the kernel each time, never remembered. */
export class NodeVerbs implements Implementation<NodeHandlers, Call> {
  readonly #records: RecordStore;
  readonly #volumes: VolumeService;
  readonly #backend: HostpathBackend;
  readonly #topology: NodeTopology;
  readonly #maxVolumes: number;

  constructor(
    records: RecordStore,
    volumes: VolumeService,
    backend: HostpathBackend,
    topology: NodeTopology,
    maxVolumes: number,
  ) {
    this.#records = records;
    this.#volumes = volumes;
    this.#backend = backend;
    this.#topology = topology;
    this.#maxVolumes = maxVolumes;
  }

  nodeGetInfo() {
    return {
      node_id: this.#topology.nodeId,
      max_volumes_per_node: String(this.#maxVolumes),
      accessible_topology: this.#topology.message,
    };
  }

  nodeGetCapabilities() {
    return { capabilities: rpcs.map((type) => ({ rpc: { type } })) };
  }

  async nodeStageVolume(request: Request<"nodeStageVolume">) {
    const staging = readPath(request.staging_target_path, "staging_target_path");
    const id = needed(request.volume_id, "volume_id");
    const capability = readCapability(request.volume_capability, `volume ${id}`);
    const volume = this.#volume(id);
    requireKind(volume, capability);
    if (volume.access === "block") await this.#backend.attach(volume);
    else await this.#mountOnce(volume, staging, capability, false);
    return {};
  }

  async nodeUnstageVolume(request: Request<"nodeUnstageVolume">) {
    const id = needed(request.volume_id, "volume_id");
    const staging = readPath(request.staging_target_path, "staging_target_path");
    const mount = await this.#mountAt(staging);
    if (mount?.volumeId === id) await this.#backend.unmount(staging, { remove: false });
    const volume = this.#records.volume(id);
    if (volume) await this.#backend.detach(volume);
    return {};
  }

  async nodePublishVolume(request: Request<"nodePublishVolume">, call: Call) {
    const target = readPath(request.target_path, "target_path");
    const id = needed(request.volume_id, "volume_id");
    const capability = readCapability(request.volume_capability, `volume ${id}`);
    const ephemeral = request.volume_context[ephemeralKey] === "true";
    const volume = ephemeral ? await this.#ephemeral(id, request, call) : this.#volume(id);
    requireKind(volume, capability);
    if (!ephemeral) await this.#requireStaged(volume, request.staging_target_path);
    const others = (await this.#mountsOf(id)).filter(
      (mount) => mount.target !== target && mount.target !== request.staging_target_path,
    );
    if (others.length > 0 && capability.singleTarget) {
      throw new PluginError(
        "FAILED_PRECONDITION",
        `volume ${id} is for one pod and is published at ${others[0]!.target}`,
        "Unpublish it there, or use ReadWriteOnce.",
      );
    }
    await this.#mountOnce(volume, target, capability, request.readonly);
    return {};
  }

  async nodeUnpublishVolume(request: Request<"nodeUnpublishVolume">) {
    const id = needed(request.volume_id, "volume_id");
    const target = readPath(request.target_path, "target_path");
    const mount = await this.#mountAt(target);
    if (mount && mount.volumeId !== id) {
      throw new PluginError(
        "INVALID_ARGUMENT",
        `${target} carries volume ${mount.volumeId}, not ${id}`,
        "Send the id of the volume that is there.",
      );
    }
    await this.#backend.unmount(target, { remove: true });
    if (this.#records.volume(id)?.ephemeral) await this.#volumes.delete(id);
    return {};
  }

  async nodeGetVolumeStats(request: Request<"nodeGetVolumeStats">, call: Call) {
    const path = needed(request.volume_path, "volume_path");
    const volume = this.#volume(request.volume_id);
    const mounts = await this.#mountsOf(volume.id);
    if (!mounts.some(({ target }) => target === path)) {
      throw new PluginError("NOT_FOUND", `volume ${volume.id} is not at ${path}`, "Publish it there first.");
    }
    const used = await this.#backend.usage(volume, call.signal);
    const space = await this.#backend.fileSystem();
    const total = volume.capacityBytes;
    const bytes = {
      unit: "BYTES" as const,
      total: String(total),
      used: String(used.bytes),
      available: String(Math.max(0, Math.min(total - used.bytes, space.freeBytes))),
    };
    const inodes = {
      unit: "INODES" as const,
      total: String(space.totalInodes),
      used: String(used.inodes),
      available: String(space.freeInodes),
    };
    const over = volume.access === "mount" && used.bytes > total;
    return {
      usage: volume.access === "block" ? [bytes] : [bytes, inodes],
      volume_condition: {
        abnormal: over,
        message: over
          ? `${used.bytes} bytes are used of ${total}; capacity is advisory here`
          : "within its capacity",
      },
    };
  }

  async nodeExpandVolume(request: Request<"nodeExpandVolume">) {
    needed(request.volume_path, "volume_path");
    const volume = this.#volume(request.volume_id);
    if (volume.access === "block") await this.#backend.refresh(volume);
    return { capacity_bytes: String(volume.capacityBytes) };
  }

  async #mountOnce(
    volume: VolumeRecord,
    target: string,
    capability: Capability,
    askedReadOnly: boolean,
  ): Promise<void> {
    const readOnly = askedReadOnly || capability.readOnly;
    if (readOnly && volume.access === "block") {
      throw new PluginError(
        "INVALID_ARGUMENT",
        `volume ${volume.id} is a block device, which cannot be given out read-only here`,
        "Ask for a file system volume, or for write access.",
      );
    }
    const mount = await this.#mountAt(target);
    if (mount?.volumeId === volume.id && mount.readOnly === readOnly) return;
    if (mount) {
      throw new PluginError(
        "ALREADY_EXISTS",
        `${target} carries volume ${mount.volumeId} ${mount.readOnly ? "read-only" : "writable"} already`,
        "Unpublish or unstage it first.",
      );
    }
    await this.#backend.mount(volume, target, { readOnly, flags: capability.flags });
  }

  async #requireStaged(volume: VolumeRecord, path: string): Promise<void> {
    const staging = readPath(path, "staging_target_path", "FAILED_PRECONDITION");
    const staged =
      volume.access === "block"
        ? (await this.#backend.attachedDevice(volume)) !== undefined
        : (await this.#mountAt(staging))?.volumeId === volume.id;
    if (staged) return;
    throw new PluginError(
      "FAILED_PRECONDITION",
      `volume ${volume.id} is not staged at ${staging}`,
      "Call NodeStageVolume first.",
    );
  }

  #ephemeral(id: string, request: Request<"nodePublishVolume">, call: Call): Promise<VolumeRecord> {
    if (!ephemeralId.test(id)) {
      throw new PluginError(
        "INVALID_ARGUMENT",
        `${JSON.stringify(id)} is no id for an inline volume`,
        "Send another.",
      );
    }
    const size = request.volume_context["size"] ?? "0";
    if (!/^\d{1,15}$/u.test(size)) {
      throw new PluginError(
        "INVALID_ARGUMENT",
        `volume attribute size is ${JSON.stringify(size)}`,
        "Give bytes.",
      );
    }
    return this.#volumes.createEphemeral(id, Number(size), call.signal);
  }

  #volume(id: string): VolumeRecord {
    const volume = this.#records.volume(needed(id, "volume_id"));
    if (!volume) throw volumeNotFound(id);
    return volume;
  }

  async #mountsOf(id: string): Promise<VolumeMount[]> {
    return (await this.#backend.mounts()).filter(({ volumeId }) => volumeId === id);
  }

  async #mountAt(target: string): Promise<VolumeMount | undefined> {
    return (await this.#backend.mounts()).findLast((mount) => mount.target === target);
  }
}

function requireKind(volume: VolumeRecord, capability: Capability): void {
  if (volume.access === capability.access) return;
  throw new PluginError(
    "INVALID_ARGUMENT",
    `volume ${volume.id} is of kind ${volume.access}, and ${capability.access} is asked for`,
    "Use volumeMode as the claim was made with.",
  );
}

function readPath(
  path: string,
  field: string,
  code: "INVALID_ARGUMENT" | "FAILED_PRECONDITION" = "INVALID_ARGUMENT",
) {
  if (path === "") throw new PluginError(code, `${field} is empty`, "Send an absolute path.");
  if (isAbsolute(path) && normalize(path) === path) return path;
  throw new PluginError(
    code,
    `${field} ${JSON.stringify(path)} is not an absolute, normal path`,
    "Send it without . and ..",
  );
}
