import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { BerthError } from "@berth/base";
import { isErrno } from "@berth/linux";
import { badSource } from "../errors.ts";

/** One file of a package. */
export interface TreeEntry {
  /** Relative to the package's folder, with forward slashes. */
  readonly path: string;
  readonly executable: boolean;
  /** Lower-case hex of its bytes. */
  readonly sha256: string;
}

const limits = { files: 20_000, bytes: 2 * 1024 ** 3 };
const filesAtOnce = 8;
const chunkBytes = 4 * 1024 ** 2;

/**
 * Hashes every file below `folder` and, where `copyTo` is given, writes the very bytes that were hashed to it. A
 * link, a device or a socket is refused: what runs must be what was hashed. `.git` and `node_modules/.cache` are no
 * part of a package. The copy is not forced to the disk: it is hashed before each start, which finds one that a power cut tore.
 */
export async function readTree(folder: string, copyTo?: string): Promise<TreeEntry[]> {
  const entries: TreeEntry[] = [];
  const paths = (await listFiles(folder, folder)).values();
  let bytes = 0;
  const work = async (): Promise<void> => {
    for (const path of paths) {
      const entry = await readEntry(folder, path, copyTo);
      bytes += entry.size;
      if (bytes > limits.bytes)
        throw new BerthError(badSource, `${folder} holds more than ${limits.bytes} bytes`);
      entries.push({ path, executable: entry.executable, sha256: entry.sha256 });
    }
  };
  // Nobody writes to the copy any more when the caller is told that it failed.
  const ends = await Promise.allSettled(Array.from({ length: filesAtOnce }, work));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed) throw failed.reason;
  return entries;
}

async function listFiles(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const item of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, item.name);
    if (item.name === ".git" || item.name === ".cache") continue;
    if (item.isDirectory()) found.push(...(await listFiles(root, path)));
    else if (item.isFile()) found.push(relative(root, path));
    else
      throw new BerthError(
        badSource,
        `${path} is neither a file nor a folder; a package may hold nothing else`,
      );
    if (found.length > limits.files) {
      throw new BerthError(badSource, `${root} holds more than ${limits.files} files`);
    }
  }
  return found;
}

/** `want`: refuses a file that is not executable. */
export async function readEntry(
  folder: string,
  path: string,
  copyTo: string | undefined,
  want: { executable?: boolean } = {},
) {
  // No following: the entry may have become a link since it was listed.
  const source = await openFile(join(folder, path));
  let target: FileHandle | undefined;
  try {
    const stat = await source.stat();
    if (!stat.isFile()) throw new BerthError(badSource, `${join(folder, path)} is not a file`);
    const { mode, size: expected } = stat;
    const executable = (mode & 0o111) !== 0;
    if (want.executable && !executable)
      throw new BerthError(badSource, `${join(folder, path)} is not executable`);
    if (copyTo) target = await createTarget(join(copyTo, path), executable);
    const hash = createHash("sha256");
    // One byte more than is there tells the end in the same breath.
    const buffer = Buffer.allocUnsafe(Math.min(expected + 1, chunkBytes));
    let size = 0;
    for (;;) {
      const { bytesRead } = await source.read(buffer, 0, buffer.length);
      if (bytesRead === 0) break;
      const chunk = buffer.subarray(0, bytesRead);
      hash.update(chunk);
      size += bytesRead;
      await target?.writeFile(chunk);
      if (size === expected && bytesRead < buffer.length) break;
    }
    return { executable, size, sha256: hash.digest("hex") };
  } finally {
    await target?.close();
    await source.close();
  }
}

/** Follows no link: what it leads to could be another file when it is copied than when it was allowed. */
async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (!isErrno(error, "ELOOP")) throw error;
    throw new BerthError(badSource, `${path} is a link; name the file that it leads to`);
  }
}

async function createTarget(path: string, executable: boolean): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const file = await open(path, "wx", 0o444);
  await file.chmod(executable ? 0o555 : 0o444);
  return file;
}
