import { execFile } from "node:child_process";
import { lstat, mkdir, open, readdir, rm, rmdir, stat, statfs, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bindMount, isErrno, listMountsUnder, type MountFlag, unmount } from "@berth/linux";
import { PluginError } from "@berth/sdk";
import type { AccessKind } from "../volumes/capability.ts";
import type { StoredRecord } from "../volumes/records.ts";
import type { HostpathBackend, Space, VolumeMount } from "./hostpath-backend.ts";
import { attachLoop, detachLoop, listLoops, refreshLoop } from "./loop-devices.ts";
import { readRecords, recordFolder, removeRecord, removeUnrecorded, writeRecord } from "./record-files.ts";
import { findVolumeMounts } from "./volume-mounts.ts";

/** The machine itself: folders and sparse images under one root, bind mounts, loop devices. */
export class RealBackend implements HostpathBackend {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  loadRecords(): Promise<StoredRecord[]> {
    return readRecords(this.#root);
  }

  removeUnrecorded(): Promise<void> {
    return removeUnrecorded(this.#root);
  }

  saveRecord(record: StoredRecord): Promise<void> {
    return writeRecord(this.#root, record);
  }

  removeRecord(record: StoredRecord): Promise<void> {
    return removeRecord(this.#root, record);
  }

  async createData(record: StoredRecord, access: AccessKind, bytes: number): Promise<void> {
    // Pods run under any user: the folder is theirs to share, the folders above it are closed to all but root.
    if (access === "mount")
      await mkdir(this.#data(record), { mode: 0o777 }).then(() => openToAll(this.#data(record)));
    else await createImage(this.#image(record), bytes);
  }

  async copyData(
    from: StoredRecord,
    to: StoredRecord,
    access: AccessKind,
    bytes: number,
    signal: AbortSignal,
  ): Promise<void> {
    const [source, target] = [from, to].map((record) =>
      access === "mount" ? this.#data(record) : this.#image(record),
    );
    await promisify(execFile)("cp", ["--archive", "--reflink=auto", "--sparse=always", source!, target!], {
      signal,
    });
    if (access === "block") await truncate(target!, bytes);
  }

  async removeData(record: StoredRecord): Promise<void> {
    const inside = listMountsUnder(this.#data(record));
    if (inside.length > 0) {
      throw new PluginError(
        "FAILED_PRECONDITION",
        `something is mounted inside the data of ${record.id}, at ${inside[0]!.target}`,
        "Unmount it; then repeat.",
      );
    }
    await rm(this.#data(record), { recursive: true, force: true });
    await rm(this.#image(record), { force: true });
  }

  growImage(record: StoredRecord, bytes: number): Promise<void> {
    return truncate(this.#image(record), bytes);
  }

  async hasData(record: StoredRecord): Promise<boolean> {
    const path = record.access === "mount" ? this.#data(record) : this.#image(record);
    return (await statOrNothing(path)) !== undefined;
  }

  async fileSystem(): Promise<Space> {
    const { bsize, blocks, bavail, files, ffree } = await statfs(this.#root);
    return {
      totalBytes: blocks * bsize,
      freeBytes: bavail * bsize,
      totalInodes: files,
      freeInodes: ffree,
    };
  }

  async usage(record: StoredRecord, signal: AbortSignal): Promise<{ bytes: number; inodes: number }> {
    if (record.access === "mount") return measure(this.#data(record), signal);
    const { blocks } = await stat(this.#image(record));
    return { bytes: blocks * 512, inodes: 1 };
  }

  async attach(record: StoredRecord): Promise<string> {
    return (await this.attachedDevice(record)) ?? attachLoop(this.#image(record));
  }

  async refresh(record: StoredRecord): Promise<void> {
    const device = await this.attachedDevice(record);
    if (device) await refreshLoop(device);
  }

  async detach(record: StoredRecord): Promise<void> {
    const device = record.access === "block" ? await this.attachedDevice(record) : undefined;
    if (device) await detachLoop(device);
  }

  async attachedDevice(record: StoredRecord): Promise<string | undefined> {
    return (await listLoops()).get(this.#image(record));
  }

  async mount(
    record: StoredRecord,
    target: string,
    options: { readOnly: boolean; flags: readonly MountFlag[] },
  ): Promise<void> {
    if (record.access === "mount") {
      await makeFolder(target);
      bindMount(this.#data(record), target, options);
    } else {
      const device = await this.attach(record);
      await makeFile(target);
      bindMount(device, target);
    }
  }

  async unmount(target: string, { remove }: { remove: boolean }): Promise<void> {
    while (unmount(target));
    if (!remove) return;
    const found = await statOrNothing(target);
    if (found?.isDirectory()) await rmdir(target);
    else if (found?.isFile() && found.size === 0) await unlink(target);
    else if (found) {
      throw new PluginError(
        "FAILED_PRECONDITION",
        `${target} is neither a folder nor an empty file, so it is none of ours`,
        "Remove it by hand when it is not needed.",
      );
    }
  }

  async mounts(): Promise<VolumeMount[]> {
    return findVolumeMounts(this.#root, await listLoops());
  }

  #data(record: StoredRecord): string {
    return join(recordFolder(this.#root, record), "data");
  }

  #image(record: StoredRecord): string {
    return join(recordFolder(this.#root, record), "image");
  }
}

async function createImage(path: string, bytes: number): Promise<void> {
  const file = await open(path, "w", 0o600);
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

async function openToAll(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.chmod(0o777);
  } finally {
    await handle.close();
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { mode: 0o750 }).catch(ignoreExisting(path));
}

async function makeFile(path: string): Promise<void> {
  await open(path, "wx", 0o640).then((file) => file.close(), ignoreExisting(path));
}

function ignoreExisting(path: string): (error: unknown) => void {
  return (error) => {
    if (isErrno(error, "EEXIST")) return;
    if (!isErrno(error, "ENOENT")) throw error;
    throw new PluginError(
      "FAILED_PRECONDITION",
      `the folder above ${path} does not exist`,
      "Create it, then repeat.",
    );
  };
}

async function statOrNothing(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Blocks really taken, each inode once. What goes away meanwhile is not counted. */
async function measure(root: string, signal: AbortSignal): Promise<{ bytes: number; inodes: number }> {
  const seen = new Set<number>();
  let bytes = 0;
  const pending = [root];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    signal.throwIfAborted();
    const found = await statOrNothing(path);
    if (!found || seen.has(found.ino)) continue;
    seen.add(found.ino);
    bytes += found.blocks * 512;
    if (!found.isDirectory()) continue;
    for (const name of await readdir(path)) pending.push(join(path, name));
  }
  return { bytes, inodes: seen.size };
}
