import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "@berth/base";
import { isErrno } from "@berth/linux";

export interface HeldVolumes {
  readonly handles: readonly string[];
  /** Records that could not be read, with the reason: where there is one, nobody knows all the volumes. */
  readonly unreadable: readonly string[];
}

/**
 * CSI volumes that pods of this node hold, from the file that stands beside each before its driver is asked for anything
 * (`pods/<uid>/volumes/kubernetes.io~csi/<name>/vol_data.json`, the kubelet's own layout).
 */
export function readHeldVolumes(kubeletRoot: string): HeldVolumes {
  const handles: string[] = [];
  const unreadable: string[] = [];
  const pods = join(kubeletRoot, "pods");
  for (const uid of list(pods)) {
    const folder = join(pods, uid, "volumes", "kubernetes.io~csi");
    for (const name of list(folder)) {
      const path = join(folder, name, "vol_data.json");
      try {
        handles.push(readHandle(path));
      } catch (error) {
        unreadable.push(`${path}: ${errorMessage(error)}`);
      }
    }
  }
  return { handles, unreadable };
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

function readHandle(path: string): string {
  const { volumeHandle } = JSON.parse(readFileSync(path, "utf8")) as { volumeHandle?: unknown };
  if (typeof volumeHandle !== "string") throw new Error("it names no volumeHandle");
  return volumeHandle;
}
