import { chown, lchown, lstat, opendir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isErrno } from "@berth/linux";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { InstancePaths } from "./instance-paths.ts";
import { needsNoPrivilege } from "./launch-command.ts";

/** The user a plugin runs as, or why it runs as the host's own. */
export type OwnUser = { readonly uid: number } | { readonly uid: undefined; readonly why: string };

/** A user for each plugin, the same across restarts: its state folder belongs to it. */
export function allotUser(users: Bucket<number>, plugin: string, first: number): number {
  const known = users.get(plugin);
  if (known !== undefined) return known;
  const taken = new Set(users.entries().map(([, uid]) => uid));
  let uid = first;
  while (taken.has(uid)) uid++;
  users.put(plugin, uid);
  return uid;
}

/** A plugin that wants no privilege gets a user of its own, where that user can reach what it needs. */
export async function chooseUser(
  manifest: Pick<Manifest, "privileges">,
  allotted: number | undefined,
  needed: readonly string[],
): Promise<OwnUser> {
  if (!needsNoPrivilege(manifest)) return { uid: undefined, why: "the manifest asks for privileges" };
  if (allotted === undefined) return { uid: undefined, why: "this node gives no users to plugins" };
  for (const path of needed) {
    const closed = await closedFolderAbove(path);
    if (closed !== undefined) return { uid: undefined, why: `other users may not enter ${closed}` };
  }
  return { uid: allotted };
}

const othersMayEnter = 0o001;

async function closedFolderAbove(path: string): Promise<string | undefined> {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & othersMayEnter) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * Gives the plugin's own folders, its configuration and the host's sockets for it to its user, and with the folders what
 * an incarnation that ran as somebody else has left there.
 */
export async function giveToUser(paths: InstancePaths, incarnation: number, uid: number): Promise<void> {
  await chown(paths.folder, uid, uid);
  for (const folder of [paths.run, paths.state]) await giveTree(folder, uid);
  for (const path of [paths.handshake, paths.host, paths.config(incarnation)]) {
    try {
      await chown(path, uid, uid);
    } catch (error) {
      // A plugin that uses no host services has no socket for them.
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}

/** Links are given away, not followed: they may lead anywhere. */
async function giveTree(folder: string, uid: number): Promise<void> {
  await chown(folder, uid, uid);
  for await (const entry of await opendir(folder, { recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    try {
      if ((await lstat(path)).uid !== uid) await lchown(path, uid, uid);
    } catch (error) {
      // The incarnation that still serves may have removed it.
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}
