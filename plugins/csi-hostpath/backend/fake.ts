import type { AccessKind } from "../volumes/capability.ts";
import type { StoredRecord } from "../volumes/records.ts";
import type { HostpathBackend, Space, VolumeMount } from "./hostpath-backend.ts";

/** A machine in memory, for tests without root. What survives a kill of the plugin is what the maps hold. */
export class FakeBackend implements HostpathBackend {
  readonly records = new Map<string, StoredRecord>();
  readonly data = new Map<string, { access: AccessKind; bytes: number }>();
  readonly loops = new Map<string, string>();
  readonly mounted: VolumeMount[] = [];
  space: Space = { totalBytes: 2 ** 40, freeBytes: 2 ** 40, totalInodes: 1000, freeInodes: 1000 };
  /** Throws in the next createData or copyData, as a full disk or a kill does. */
  failNext: Error | undefined;

  loadRecords(): Promise<StoredRecord[]> {
    return Promise.resolve([...this.records.values()]);
  }

  removeUnrecorded(): Promise<void> {
    return Promise.resolve();
  }

  async saveRecord(record: StoredRecord): Promise<void> {
    this.records.set(record.id, structuredClone(record));
  }

  async removeRecord(record: StoredRecord): Promise<void> {
    this.records.delete(record.id);
  }

  async createData(record: StoredRecord, access: AccessKind, bytes: number): Promise<void> {
    this.data.set(record.id, { access, bytes });
    this.#failOnce();
  }

  async copyData(from: StoredRecord, to: StoredRecord, access: AccessKind, bytes: number): Promise<void> {
    if (!this.data.has(from.id)) throw new Error(`no data of ${from.id}`);
    this.data.set(to.id, { access, bytes });
    this.#failOnce();
  }

  async removeData(record: StoredRecord): Promise<void> {
    this.data.delete(record.id);
  }

  async growImage(record: StoredRecord, bytes: number): Promise<void> {
    this.data.set(record.id, { access: "block", bytes });
  }

  hasData(record: StoredRecord): Promise<boolean> {
    return Promise.resolve(this.data.has(record.id));
  }

  fileSystem(): Promise<Space> {
    return Promise.resolve(this.space);
  }

  usage(): Promise<{ bytes: number; inodes: number }> {
    return Promise.resolve({ bytes: 4096, inodes: 1 });
  }

  async attach(record: StoredRecord): Promise<string> {
    const device = this.loops.get(record.id) ?? `/dev/loop${this.loops.size}`;
    this.loops.set(record.id, device);
    return device;
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  async detach(record: StoredRecord): Promise<void> {
    this.loops.delete(record.id);
  }

  attachedDevice(record: StoredRecord): Promise<string | undefined> {
    return Promise.resolve(this.loops.get(record.id));
  }

  async mount(record: StoredRecord, target: string, options: { readOnly: boolean }): Promise<void> {
    this.mounted.push({ volumeId: record.id, target, readOnly: options.readOnly });
  }

  async unmount(target: string): Promise<void> {
    for (let at = this.#find(target); at >= 0; at = this.#find(target)) this.mounted.splice(at, 1);
  }

  mounts(): Promise<VolumeMount[]> {
    return Promise.resolve([...this.mounted]);
  }

  #find(target: string): number {
    return this.mounted.findIndex((mount) => mount.target === target);
  }

  #failOnce(): void {
    const error = this.failNext;
    this.failNext = undefined;
    if (error) throw error;
  }
}
