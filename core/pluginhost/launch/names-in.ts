import { readdir } from "node:fs/promises";
import { isErrno } from "@berth/linux";

/** What a folder holds; nothing when it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}
