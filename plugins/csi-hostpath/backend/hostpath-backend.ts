import type { MountFlag } from "@berth/linux";
import type { AccessKind } from "../volumes/capability.ts";
import type { StoredRecord } from "../volumes/records.ts";

/** Everything that this driver does to the machine. */
export interface HostpathBackend {
  loadRecords(): Promise<StoredRecord[]>;
  /** Folders in which no record was ever durable; only for the process that may write. */
  removeUnrecorded(): Promise<void>;
  /** Durable when it resolves. */
  saveRecord(record: StoredRecord): Promise<void>;
  removeRecord(record: StoredRecord): Promise<void>;

  /** An empty folder, or a sparse image of that size. */
  createData(record: StoredRecord, access: AccessKind, bytes: number): Promise<void>;
  /** Copies a record's data, sharing blocks where the file system can; grows an image to `bytes`. */
  copyData(
    from: StoredRecord,
    to: StoredRecord,
    access: AccessKind,
    bytes: number,
    signal: AbortSignal,
  ): Promise<void>;
  /** Also of data half made. */
  removeData(record: StoredRecord): Promise<void>;
  growImage(record: StoredRecord, bytes: number): Promise<void>;
  hasData(record: StoredRecord): Promise<boolean>;

  /** Of the file system that holds the volumes. */
  fileSystem(): Promise<Space>;
  /** Bytes and inodes under a volume's folder, or blocks of its image. */
  usage(record: StoredRecord, signal: AbortSignal): Promise<{ bytes: number; inodes: number }>;

  /** The loop device of a volume's image, attached when it is not yet. */
  attach(record: StoredRecord): Promise<string>;
  /** Tells the loop device that its image has grown. */
  refresh(record: StoredRecord): Promise<void>;
  /** Nothing when none is attached. */
  detach(record: StoredRecord): Promise<void>;
  attachedDevice(record: StoredRecord): Promise<string | undefined>;

  /** Shows a volume's folder or its loop device at `target`, which is made: a folder or a file. */
  mount(
    record: StoredRecord,
    target: string,
    options: { readOnly: boolean; flags: readonly MountFlag[] },
  ): Promise<void>;
  /** Unmounts all that lies on `target` and removes it when empty. */
  unmount(target: string, options: { remove: boolean }): Promise<void>;
  /** Where volumes of ours are mounted now. */
  mounts(): Promise<VolumeMount[]>;
}

export interface Space {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly totalInodes: number;
  readonly freeInodes: number;
}

export interface VolumeMount {
  readonly volumeId: string;
  readonly target: string;
  readonly readOnly: boolean;
}
