import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { ifThere } from "../files/if-there.ts";

/** A file of a volume; its path is relative and never leaves the volume. */
export interface VolumeFile {
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

export interface FileOwner {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

const current = "..data";

/**
 * Replaces all files of a volume at once: they are written to a fresh folder beside, and one rename turns the link
 * `..data` to it, so that a reader sees the old set or the new one and nothing between (the layout that programs which
 * watch ConfigMap volumes rely on).
 */
export async function writeVolumeFiles(
  target: string,
  files: readonly VolumeFile[],
  owner: FileOwner = {},
): Promise<boolean> {
  for (const file of files) checkPath(file.path);
  await mkdir(target, { recursive: true, mode: 0o755 });
  if (await isCurrent(target, files)) return false;
  const previous = await ifThere(readlink(join(target, current)));
  const fresh = await mkdtemp(
    join(target, `..${new Date().toISOString().slice(0, 19).replaceAll(/[-:T]/g, "_")}.`),
  );
  await chmod(fresh, 0o755);
  for (const file of files) {
    const path = join(fresh, file.path);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    await writeFile(path, file.content, { mode: file.mode });
    await chmod(path, file.mode);
    if (owner.uid !== undefined || owner.gid !== undefined)
      await chown(path, owner.uid ?? -1, owner.gid ?? -1);
  }
  const link = join(target, "..data_tmp");
  await rm(link, { force: true });
  await symlink(fresh.slice(target.length + 1), link);
  await rename(link, join(target, current));
  await linkNames(target, files);
  if (previous !== undefined) await rm(join(target, previous), { recursive: true, force: true });
  return true;
}

function checkPath(path: string): void {
  const parts = path.split("/");
  if (path === "" || path.startsWith("/") || parts.includes("..") || parts[0]!.startsWith("..")) {
    throw new RangeError(`"${path}" is no path inside a volume: it must be relative and have no ".."`);
  }
}

async function isCurrent(target: string, files: readonly VolumeFile[]): Promise<boolean> {
  const root = join(target, current);
  const present = await ifThere(readdir(root, { recursive: true, withFileTypes: true }));
  if (!present) return false;
  const names = present.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  if (names.length !== files.length) return false;
  for (const file of files) {
    const path = join(root, file.path);
    const content = await ifThere(readFile(path));
    if (!content?.equals(file.content)) return false;
    if (((await lstat(path)).mode & 0o777) !== (file.mode & 0o777)) return false;
  }
  return true;
}

/** Every first name of a path is a link through `..data`; names that are gone lose theirs. */
async function linkNames(target: string, files: readonly VolumeFile[]): Promise<void> {
  const wanted = new Set(files.map((file) => file.path.split(sep)[0]!));
  for (const name of await readdir(target)) {
    if (name.startsWith("..") || wanted.has(name)) continue;
    await rm(join(target, name), { recursive: true, force: true });
  }
  for (const name of wanted) {
    const at = join(target, name);
    if ((await readlink(at).catch(() => undefined)) === join(current, name)) continue;
    await rm(at, { recursive: true, force: true });
    await symlink(join(current, name), at);
  }
}
