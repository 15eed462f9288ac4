import { isErrno } from "@berth/linux";

/** What a look at the file system finds; undefined when nothing of that kind is there. Any other trouble is thrown. */
export async function ifThere<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EISDIR")) return undefined;
    throw error;
  }
}
