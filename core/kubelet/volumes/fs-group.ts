import { chmod, lchown, lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

const groupReadWrite = 0o660;
const groupInherited = 0o2110;

/**
 * Gives a volume to a group: everything in it belongs to the group and is readable and writable by it, new files
 * inherit it. With `OnRootMismatch` the tree is walked only when its root differs.
 */
export async function applyGroup(root: string, group: number, policy: string | undefined): Promise<void> {
  const stats = await lstat(root);
  const fits =
    stats.gid === group &&
    (stats.mode & groupInherited) !== 0 &&
    (stats.mode & groupReadWrite) === groupReadWrite;
  if (policy === "OnRootMismatch" && fits) return;
  // The root comes last: a walk cut short is begun again.
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    await give(join(entry.parentPath, entry.name), group);
  }
  await give(root, group);
}

async function give(path: string, group: number): Promise<void> {
  const stats = await lstat(path);
  await lchown(path, stats.uid, group);
  if (stats.isSymbolicLink()) return;
  const more = stats.isDirectory() ? groupReadWrite | groupInherited : groupReadWrite;
  await chmod(path, (stats.mode & 0o7777) | more);
}
