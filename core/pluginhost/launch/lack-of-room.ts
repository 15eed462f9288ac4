import { statfs } from "node:fs/promises";
import { isErrno } from "@berth/linux";

const neededBytes = 1024 ** 2;

/**
 * Why nothing should be started that keeps its state in this folder: without room it would only end again, for a reason that is not
 * its own. Undefined when there is room.
 */
export async function lackOfRoom(folder: string): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize >= neededBytes) return undefined;
    return `the disk of ${folder} is full; it starts by itself once there is room`;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
