import type { TopologyRequirement__Output } from "@berth/proto/generated/csi/csi/v1/TopologyRequirement.ts";
import type { Topology__Output } from "@berth/proto/generated/csi/csi/v1/Topology.ts";
import { PluginError } from "@berth/sdk";
import type { SnapshotRecord, VolumeRecord } from "../volumes/records.ts";

/** The one place of this driver's volumes: the node it runs on. */
export class NodeTopology {
  readonly nodeId: string;
  readonly #key: string;

  constructor(driverName: string, nodeId: string) {
    this.nodeId = nodeId;
    this.#key = `topology.${driverName}/node`;
  }

  get message() {
    return { segments: { [this.#key]: this.nodeId } };
  }

  matches(topology: Topology__Output | null): boolean {
    const wanted = topology?.segments[this.#key];
    return wanted === undefined || wanted === this.nodeId;
  }

  check(requirement: TopologyRequirement__Output | null, where: string): void {
    const requisite = requirement?.requisite ?? [];
    if (requisite.length === 0 || requisite.some((topology) => this.matches(topology))) return;
    throw new PluginError(
      "RESOURCE_EXHAUSTED",
      `${where} is asked for on other nodes than ${this.nodeId}`,
      "Ask the driver on one of those nodes.",
    );
  }
}

export function volumeMessage(volume: VolumeRecord, topology: NodeTopology) {
  const { source } = volume;
  return {
    volume_id: volume.id,
    capacity_bytes: String(volume.capacityBytes),
    accessible_topology: [topology.message],
    ...(source
      ? {
          content_source:
            source.kind === "snapshot"
              ? { snapshot: { snapshot_id: source.id } }
              : { volume: { volume_id: source.id } },
        }
      : {}),
  };
}

export function snapshotMessage(snapshot: SnapshotRecord) {
  return {
    snapshot_id: snapshot.id,
    source_volume_id: snapshot.sourceVolumeId,
    size_bytes: String(snapshot.sizeBytes),
    ready_to_use: true,
    creation_time: {
      seconds: String(Math.floor(snapshot.createdAt / 1000)),
      nanos: (snapshot.createdAt % 1000) * 1_000_000,
    },
  };
}
