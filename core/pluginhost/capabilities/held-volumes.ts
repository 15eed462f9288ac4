import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isErrno } from "@berth/linux";

/**
 * Handles of the CSI volumes that pods of this node hold, from the file that stands beside each before its driver is asked for anything
 * (`pods/<uid>/volumes/kubernetes.io~csi/<name>/vol_data.json`, the kubelet's own layout). Undefined when one cannot be read: then
 * nobody knows all of them.
 */
export function readHeldVolumes(kubeletRoot: string): string[] | undefined {
  const pods = join(kubeletRoot, "pods");
  const records = list(pods).flatMap((uid) => {
    const folder = join(pods, uid, "volumes", "kubernetes.io~csi");
    return list(folder).map((name) => join(folder, name, "vol_data.json"));
  });
  const handles = records.map(readHandle);
  return handles.includes(undefined) ? undefined : handles.filter((handle) => handle !== undefined);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

function readHandle(path: string): string | undefined {
  try {
    const { volumeHandle } = JSON.parse(readFileSync(path, "utf8")) as { volumeHandle?: unknown };
    return typeof volumeHandle === "string" ? volumeHandle : undefined;
  } catch {
    return undefined;
  }
}
