import type { AccessKind } from "./capability.ts";

/**
 * How far a creation or deletion has come. A record is written before anything it speaks of is made and removed after
 * all of it is gone: what a kill leaves half made is found by its record, and undone or finished at the next start.
 */
export type RecordState = "creating" | "ready" | "deleting";

export interface VolumeRecord {
  readonly kind: "volume";
  readonly id: string;
  /** What the caller named it; unique among volumes. */
  readonly name: string;
  readonly state: RecordState;
  readonly access: AccessKind;
  readonly capacityBytes: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly source: Source | undefined;
  /** Made by a pod's own volume entry and gone with it. */
  readonly ephemeral: boolean;
}

export interface SnapshotRecord {
  readonly kind: "snapshot";
  readonly id: string;
  readonly name: string;
  readonly state: RecordState;
  readonly access: AccessKind;
  readonly sourceVolumeId: string;
  readonly sizeBytes: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export type StoredRecord = VolumeRecord | SnapshotRecord;

export interface Source {
  readonly kind: "volume" | "snapshot";
  readonly id: string;
}
