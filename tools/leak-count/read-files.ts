import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tryRead } from "./read-processes.ts";
import type { Item } from "./snapshot.ts";

/** One line of /proc/self/mountinfo, as far as it is needed here. */
export interface MountLine {
  readonly id: string;
  readonly root: string;
  readonly target: string;
  readonly type: string;
  readonly source: string;
}

export function parseMounts(text: string): MountLine[] {
  return text.split("\n").flatMap((line) => {
    const fields = line.split(" ");
    const dash = fields.indexOf("-");
    if (dash < 0) return [];
    return [
      {
        id: fields[0] ?? "",
        root: fields[3] ?? "",
        target: fields[4] ?? "",
        type: fields[dash + 1] ?? "",
        source: fields[dash + 2] ?? "",
      },
    ];
  });
}

export function readMounts(): MountLine[] {
  return parseMounts(readFileSync("/proc/self/mountinfo", "utf8"));
}

/** Two mounts at one place are two things, and the kernel numbers them. */
export function mountItems(mounts: readonly MountLine[]): Item[] {
  return mounts.map(({ id, target, type, source, root }) => ({
    category: "mounts",
    id: `${id} ${target}`,
    text: `${target} (${type} ${source}${root === "/" ? "" : ` ${root}`})`,
  }));
}

/** File by inode number of the network namespaces that a bind mount pins. */
export function pinnedNamespaces(mounts: readonly MountLine[]): Map<string, string> {
  return new Map(
    mounts.flatMap(({ type, root, target }): [string, string][] => {
      const inode = /^net:\[(\d+)\]$/.exec(root)?.[1];
      return type === "nsfs" && inode !== undefined ? [[inode, target]] : [];
    }),
  );
}

/** Unix sockets with a name, in the file system or (with @) outside of it, of this network namespace. */
export function parseUnixSockets(text: string): Item[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line): Item[] => {
      const fields = line.trim().split(/\s+/);
      const [inode, ...path] = fields.slice(6);
      const listening = fields[3] === "00010000";
      if (inode === undefined || path.length === 0 || !listening) return [];
      return [{ category: "sockets", id: `${inode} ${path.join(" ")}`, text: path.join(" ") }];
    });
}

export function readUnixSockets(): Item[] {
  return parseUnixSockets(readFileSync("/proc/net/unix", "utf8"));
}

/** Every group below each mounted hierarchy. */
export function readCgroups(mounts: readonly MountLine[]): Item[] {
  return mounts
    .filter(({ type }) => type === "cgroup" || type === "cgroup2")
    .flatMap(({ target }) => foldersBelow(target))
    .map((folder) => ({ category: "cgroups", id: folder, text: folder }));
}

function foldersBelow(folder: string): string[] {
  const entries = tryRead(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [join(folder, entry.name), ...foldersBelow(join(folder, entry.name))]);
}
