import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { errorMessage } from "@berth/base";
import type { Feature } from "@berth/linux";

/** Enough for the store, containerd's content and a few images. */
const wantedBytes = 1024 ** 3;
const neededBytes = 64 * 1024 ** 2;

/** A node without it starts, for a runtime that is attached. */
export const imageLayers = "image layers";

/** OVERLAYFS_SUPER_MAGIC: the root of a container, on which the kernel stacks no further layers to write on. */
const overlayType = 0x79_4c_76_30;

/** Whether the data directory can be written and has room. */
export function judgeDataDirectory(directory: string): Feature[] {
  const existing = nearestExisting(directory);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    return [
      {
        name: "data directory",
        need: "required",
        isPresent: false,
        cause: `${directory} cannot be written: ${errorMessage(error)}`,
        fix: "make it writable, mount its file system read-write, or name another with --data-dir",
      },
    ];
  }
  const { bavail, bsize, type } = statfsSync(existing);
  const free = bavail * bsize;
  const found = `${Math.round(free / 1024 ** 2)} MiB free in ${directory}`;
  const missing = (bytes: number): Pick<Feature, "cause" | "fix"> => ({
    cause: `${found}; ${Math.round(bytes / 1024 ** 2)} MiB are wanted for the store, images and volumes`,
    fix: "free some space there, or name another directory with --data-dir",
  });
  return [
    {
      name: "data directory",
      need: "required",
      isPresent: free >= neededBytes,
      found,
      ...(free < neededBytes && missing(neededBytes)),
    },
    {
      name: "disk space",
      need: "optional",
      isPresent: free >= wantedBytes,
      found,
      ...(free < wantedBytes && missing(wantedBytes)),
    },
    {
      name: imageLayers,
      need: "optional",
      isPresent: type !== overlayType,
      ...(type === overlayType && {
        cause: `${directory} lies on an overlay file system, as in a container, and image layers cannot be stacked on it: no container starts`,
        fix: `give it a file system of its own (in a container a volume: -v berth:${directory}), or name another directory with --data-dir`,
      }),
    },
  ];
}

/** Looking at a machine makes nothing on it: the directory comes into being when the core starts. */
function nearestExisting(directory: string): string {
  let folder = directory;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
