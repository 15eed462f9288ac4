import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerdClient, ignoringNotFound, isContainerdError } from "@berth/containerd";
import { chainIds, type ImageConfig, type UserFiles } from "@berth/oci";
import type { RootfsMount } from "../driver.ts";

const containerLabel = "dev.berth.cri/container";
/** Runtimes that share one containerd tell their snapshots apart by it. */
const ownerLabel = "dev.berth.cri/owner";
/** Keeps a container's snapshot although no image names it. */
const rootLabel = "containerd.io/gc.root";
const maxUserFileBytes = 1024 * 1024;

/** Writable root file systems: a snapshot for each container, named by its id. */
export class RootfsStore {
  readonly #containerd: ContainerdClient;
  readonly snapshotter: string;

  readonly #owner: string;

  /** `owner` is the containerd namespace of the containers' records. */
  constructor(containerd: ContainerdClient, snapshotter: string, owner: string) {
    this.#containerd = containerd;
    this.snapshotter = snapshotter;
    this.#owner = owner;
  }

  /** A repeated call finds the first one's snapshot. */
  async prepare(containerId: string, image: ImageConfig): Promise<RootfsMount[]> {
    const { snapshotter } = this;
    try {
      const { mounts } = await this.#containerd.snapshots.prepare({
        snapshotter,
        key: containerId,
        parent: chainIds(image.rootfs.diff_ids).at(-1) ?? "",
        labels: {
          [containerLabel]: containerId,
          [ownerLabel]: this.#owner,
          [rootLabel]: new Date().toISOString(),
        },
      });
      return mounts;
    } catch (error) {
      if (!isContainerdError(error, "ALREADY_EXISTS")) throw error;
      return this.mounts(containerId);
    }
  }

  async mounts(containerId: string): Promise<RootfsMount[]> {
    const { mounts } = await this.#containerd.snapshots.mounts({
      snapshotter: this.snapshotter,
      key: containerId,
    });
    return mounts;
  }

  async usage(containerId: string): Promise<{ bytes: string; inodes: string } | undefined> {
    const request = { snapshotter: this.snapshotter, key: containerId };
    const usage = await ignoringNotFound(this.#containerd.snapshots.usage(request));
    return usage && { bytes: usage.size, inodes: usage.inodes };
  }

  async remove(containerId: string): Promise<void> {
    const request = { snapshotter: this.snapshotter, key: containerId };
    await ignoringNotFound(this.#containerd.snapshots.remove(request));
  }

  /** Removes snapshots of ours whose container does not exist: left by a process killed between the two. */
  async sweep(existing: ReadonlySet<string>): Promise<string[]> {
    const stream = this.#containerd.connection.serverStream<{
      info: { name: string; labels: Record<string, string> }[];
    }>("containerd.services.snapshots.v1.Snapshots", "List", {
      snapshotter: this.snapshotter,
      filters: [`labels."${ownerLabel}"==${this.#owner}`],
    });
    const orphans: string[] = [];
    for await (const page of stream as AsyncIterable<{ info: { name: string }[] }>) {
      orphans.push(...page.info.map(({ name }) => name).filter((name) => !existing.has(name)));
    }
    for (const orphan of orphans) await this.remove(orphan);
    return orphans;
  }
}

/**
 * The image's user files, read from the layers without mounting them. Links are not followed: they would lead out of
 * the image into the node's own files.
 */
export function readUserFiles(mounts: readonly RootfsMount[]): UserFiles {
  const folders = layerFolders(mounts);
  return { passwd: readTop(folders, "passwd"), group: readTop(folders, "group") };
}

/** Folders that make up the root file system, uppermost first. */
function layerFolders(mounts: readonly RootfsMount[]): string[] {
  const [mount] = mounts;
  if (!mount) return [];
  if (mount.type !== "overlay") return [mount.source];
  const option = (name: string): string[] =>
    mount.options
      .filter((entry) => entry.startsWith(`${name}=`))
      .flatMap((entry) => entry.slice(name.length + 1).split(":"));
  return [...option("upperdir"), ...option("lowerdir")];
}

function readTop(folders: readonly string[], name: string): string | undefined {
  for (const folder of folders) {
    const etc = lstatSync(join(folder, "etc"), { throwIfNoEntry: false });
    if (!etc?.isDirectory()) continue;
    const path = join(folder, "etc", name);
    const file = lstatSync(path, { throwIfNoEntry: false });
    if (file?.isFile() && file.size <= maxUserFileBytes) return readFileSync(path, "utf8");
  }
  return undefined;
}
