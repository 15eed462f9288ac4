import { closeSync, mkdirSync, openSync, readlinkSync, statfsSync, statSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { checked, isErrno } from "../linux-error.ts";
import { libc } from "../libc.ts";
import { mount, readMounts, unmount } from "../mounts/mounts.ts";

const cloneNewNet = 0x40000000;
/** Not /proc/self: that is the main thread's, and the calls below change only the calling thread. */
const ownNamespace = "/proc/thread-self/ns/net";

/**
 * Runs `action` with the calling thread inside the network namespace at `path` (a pinned file or
 * /proc/PID/ns/net), then returns. `action` must be synchronous: sockets that it opens stay in that namespace.
 */
export function inNetworkNamespace<T>(path: string, action: () => NotPromise<T>): T {
  const target = openSync(path, "r");
  try {
    return returning(
      () => checked(libc.setns(target, cloneNewNet), () => `enter network namespace ${path}`),
      action,
    );
  } finally {
    closeSync(target);
  }
}

type NotPromise<T> = T extends Promise<unknown> ? never : T;

function returning<T>(enter: () => void, action: () => T): T {
  const home = openSync(ownNamespace, "r");
  try {
    enter();
    try {
      return action();
    } finally {
      // A thread left in a foreign namespace would send the node's traffic astray: this failure may not be caught.
      checked(libc.setns(home, cloneNewNet), () => "return to the node's network namespace");
    }
  } finally {
    closeSync(home);
  }
}

/** Runs `action` in a fresh namespace that is gone, with all that was made in it, once its last user is. */
export function inTemporaryNetworkNamespace<T>(action: () => NotPromise<T>): T {
  return returning(
    () => checked(libc.unshare(cloneNewNet), () => "make a temporary network namespace"),
    action,
  );
}

/** Makes a network namespace that lives as long as the bind mount at `path`; the file is created, mode 0600. */
export function createNetworkNamespace(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  closeSync(openSync(path, "wx", 0o600));
  try {
    returning(
      () => checked(libc.unshare(cloneNewNet), () => `make a network namespace for ${path}`),
      () => mount({ source: ownNamespace, target: path, flags: ["bind"] }),
    );
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
}

/** Unpins the namespace and removes the file; interfaces in it go with the last process. False when absent. */
export function deleteNetworkNamespace(path: string): boolean {
  const mounted = unmount(path, { lazy: true });
  try {
    unlinkSync(path);
    return true;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return mounted;
    throw error;
  }
}

/** Inode number of the namespace at a path: equal numbers, same namespace. */
export function networkNamespaceId(path: string = ownNamespace): number {
  return readNamespaceLink(path) ?? statSync(path).ino;
}

const nsfsMagic = 0x6e736673;

/** False when the file is gone or is a plain file that no namespace is bound to (left by a reboot). */
export function isNetworkNamespace(path: string): boolean {
  try {
    return statfsSync(path).type === nsfsMagic || readNamespaceLink(path) !== undefined;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return false;
    throw error;
  }
}

/** The inode number in "net:[4026531833]", which is what /proc shows instead of a bound file. */
function readNamespaceLink(path: string): number | undefined {
  if (!path.startsWith("/proc/")) return undefined;
  const inode = /^net:\[(\d+)\]$/.exec(readlinkSync(path))?.[1];
  return inode === undefined ? undefined : Number(inode);
}

/** Paths of all pinned network namespaces that this process sees. */
export function listPinnedNetworkNamespaces(): { path: string; id: number }[] {
  return readMounts().flatMap((mount) => {
    const id = /^net:\[(\d+)\]$/.exec(mount.root)?.[1];
    return mount.type === "nsfs" && id !== undefined ? [{ path: mount.target, id: Number(id) }] : [];
  });
}
