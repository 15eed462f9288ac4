import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mount, unmountUnder } from "@berth/linux";
import { libc } from "@berth/linux/libc.ts";
import { checked } from "@berth/linux/linux-error.ts";

export type PinnedNamespace = "net" | "ipc" | "uts";

const cloneFlag: Record<PinnedNamespace, number> = { net: 0x40000000, ipc: 0x08000000, uts: 0x04000000 };

/**
 * Makes new namespaces, each kept alive by a bind mount at `folder/KIND`: no process is needed to hold them. `prepare`
 * runs inside all of them, synchronously, before anybody else can enter.
 */
export function pinNamespaces(folder: string, kinds: readonly PinnedNamespace[], prepare: () => void): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const homes = kinds.map((kind) => ({ kind, fd: openSync(`/proc/thread-self/ns/${kind}`, "r") }));
  try {
    checked(
      libc.unshare(kinds.reduce((flags, kind) => flags | cloneFlag[kind], 0)),
      () => `unshare ${kinds.join(", ")}`,
    );
    try {
      prepare();
      for (const kind of kinds) {
        const target = namespacePath(folder, kind);
        closeSync(openSync(target, "wx", 0o600));
        mount({ source: `/proc/thread-self/ns/${kind}`, target, flags: ["bind"] });
      }
    } finally {
      // The thread must get home whatever failed: it serves everything else in this process.
      for (const { kind, fd } of homes)
        checked(libc.setns(fd, cloneFlag[kind]), () => `return to the node's ${kind} namespace`);
    }
  } catch (error) {
    unpinNamespaces(folder);
    throw error;
  } finally {
    for (const { fd } of homes) closeSync(fd);
  }
}

export function namespacePath(folder: string, kind: PinnedNamespace): string {
  return join(folder, kind);
}

/** Magic number of the file system that namespaces live in (linux/magic.h). */
const nsfsMagic = 0x6e736673;

/** True while the namespace is really mounted there: a reboot leaves only an empty file. */
export function isPinned(folder: string, kind: PinnedNamespace): boolean {
  try {
    return statfsSync(namespacePath(folder, kind)).type === nsfsMagic;
  } catch {
    // No such file: it was never pinned, or is gone.
    return false;
  }
}

/** Lets go of everything mounted in the folder and removes it. */
export function unpinNamespaces(folder: string): void {
  unmountUnder(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** To be called inside a new network namespace: its loopback is down at first. */
export function raiseLoopback(): void {
  const afInet = 2;
  const sockDgram = 2;
  const setInterfaceFlags = 0x8914;
  const up = 1;
  const request = Buffer.alloc(40);
  request.write("lo", 0, "latin1");
  request.writeInt16LE(up, 16);
  const fd = checked(libc.socket(afInet, sockDgram, 0), () => "open a socket in the new network namespace");
  try {
    checked(libc.ioctl(fd, setInterfaceFlags, request), () => "bring the loopback interface up");
  } finally {
    closeSync(fd);
  }
}

/** To be called inside the namespaces concerned. Names may be written with dots or slashes. */
export function writeSysctls(sysctls: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(sysctls)) {
    const path = name.includes("/") ? name : name.replaceAll(".", "/");
    if (path.split("/").includes("..")) throw new Error(`sysctl ${name} is no name below /proc/sys`);
    writeFileSync(join("/proc/sys", path), value);
  }
}

/** To be called inside a new UTS namespace. */
export function setHostname(name: string): void {
  writeFileSync("/proc/sys/kernel/hostname", name);
}
