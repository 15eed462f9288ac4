import { readFileSync } from "node:fs";
import { checked, isErrno } from "../linux-error.ts";
import { libc } from "../libc.ts";
import { type Mount, mountsUnder, parseMountinfo } from "./mountinfo.ts";

const flagByOption = {
  ro: 1,
  nosuid: 2,
  nodev: 4,
  noexec: 8,
  remount: 32,
  bind: 4096,
  rec: 16384,
  unbindable: 1 << 17,
  private: 1 << 18,
  slave: 1 << 19,
  shared: 1 << 20,
  noatime: 1024,
  nodiratime: 2048,
  relatime: 1 << 21,
  strictatime: 1 << 24,
} as const;

export type MountFlag = keyof typeof flagByOption;

const detachFlag = 2;
const noFollowFlag = 8;

function bits(flags: readonly MountFlag[]): number {
  return flags.reduce((sum, flag) => sum | flagByOption[flag], 0);
}

/** mount(2). `data` is the file system's own option text: `size=64m,mode=0700`. */
export function mount(options: {
  source?: string;
  target: string;
  type?: string;
  flags?: readonly MountFlag[];
  data?: string;
}): void {
  const { source = null, target, type = null, flags = [], data = null } = options;
  checked(libc.mount(source, target, type, bits(flags), data), () => `mount ${source ?? type} on ${target}`);
}

/**
 * Makes `source` visible at `target`, which must exist (a file for a file, a folder for a folder). Options of the
 * source's file system are kept unless named in `flags`: the kernel takes them only in a second step, a remount.
 */
export function bindMount(
  source: string,
  target: string,
  options: { readOnly?: boolean; recursive?: boolean; flags?: readonly MountFlag[] } = {},
): void {
  mount({ source, target, flags: options.recursive ? ["bind", "rec"] : ["bind"] });
  const extra: MountFlag[] = [...(options.flags ?? []), ...(options.readOnly ? (["ro"] as const) : [])];
  if (extra.length === 0) return;
  try {
    mount({ target, flags: ["bind", "remount", ...lockedFlags(target), ...extra] });
  } catch (error) {
    unmount(target);
    throw error;
  }
}

/** A remount names every option anew; those the mount has already must be repeated, or the kernel drops them. */
function lockedFlags(target: string): MountFlag[] {
  const own = readMounts().findLast((mount) => mount.target === target);
  return (["nosuid", "nodev", "noexec", "noatime", "relatime"] as const).filter((flag) =>
    own?.options.includes(flag),
  );
}

/** A file system in memory. `sizeBytes` bounds it; without, the kernel allows half of the machine's memory. */
export function mountTmpfs(
  target: string,
  options: { sizeBytes?: number; mode?: number; flags?: readonly MountFlag[] } = {},
): void {
  const data = [
    ...(options.sizeBytes === undefined ? [] : [`size=${options.sizeBytes}`]),
    `mode=${(options.mode ?? 0o755).toString(8)}`,
  ];
  mount({
    source: "tmpfs",
    target,
    type: "tmpfs",
    flags: options.flags ?? ["nosuid", "nodev"],
    data: data.join(","),
  });
}

export function setPropagation(
  target: string,
  propagation: "private" | "slave" | "shared",
  recursive = false,
): void {
  mount({ target, flags: recursive ? [propagation, "rec"] : [propagation] });
}

/**
 * Takes the topmost mount at `target` away. False when nothing is mounted there (any more). `lazy` detaches it at
 * once and lets the kernel finish when the last user is gone. Links are never followed.
 */
export function unmount(target: string, options: { lazy?: boolean } = {}): boolean {
  const result = libc.umount2(target, noFollowFlag | (options.lazy ? detachFlag : 0));
  try {
    checked(result, () => `unmount ${target}`);
    return true;
  } catch (error) {
    if (isErrno(error, "EINVAL", "ENOENT")) return false;
    throw error;
  }
}

/** Every mount that this process sees, or another one when its pid is given. */
export function readMounts(pid: number | "self" = "self"): Mount[] {
  return parseMountinfo(readFileSync(`/proc/${pid}/mountinfo`, "utf8"));
}

export function isMountPoint(target: string): boolean {
  return readMounts().some((mount) => mount.target === target);
}

export function listMountsUnder(folder: string): Mount[] {
  return mountsUnder(readMounts(), folder);
}

/** Unmounts everything at and under a folder, deepest first, lazily where busy. Returns what was there. */
export function unmountUnder(folder: string): Mount[] {
  const found = listMountsUnder(folder);
  for (const mount of found) {
    try {
      unmount(mount.target);
    } catch (error) {
      if (!isErrno(error, "EBUSY")) throw error;
      unmount(mount.target, { lazy: true });
    }
  }
  return found;
}
