import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Item } from "./snapshot.ts";

const shimNames = /^(containerd-shim|runsc|conmon)/;
const init = 1;
const kernelThreads = 2;

/** Undefined for what vanished between listing and reading, and for what even root may not read. */
export function tryRead<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (["ENOENT", "ESRCH", "EACCES", "EPERM", "EINVAL", "ENODEV"].includes(code)) return undefined;
    throw error;
  }
}

export function listPids(): number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger);
}

/** Every process but kernel threads and `ignore`; a restarted one with the same number is another one. */
export function readProcesses(ignore: ReadonlySet<number>): Item[] {
  return listPids()
    .filter((pid) => !ignore.has(pid))
    .flatMap((pid): Item[] => {
      const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
      if (stat === undefined) return [];
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [state, parent] = [fields[0], Number(fields[1])];
      if (pid === kernelThreads || parent === kernelThreads) return [];
      // It has ended and holds nothing; only init, who adopted it, has not asked for its status yet.
      if (state === "Z" && parent === init) return [];
      const words = tryRead(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? "";
      const command = words.replaceAll("\0", " ").trim() || `[${name}]`;
      const folder = tryRead(() => readlinkSync(`/proc/${pid}/cwd`));
      const zombie = state === "Z" ? ", zombie" : "";
      return [
        {
          category: shimNames.test(name) ? "shims" : "processes",
          id: `${pid}@${fields[19]}`,
          text: `${pid} ${command} (child of ${parent}, in ${folder ?? "?"}, group ${groupOf(pid)}${zombie})`,
        },
      ];
    });
}

/** The deepest control group of any hierarchy: it tells whose a process is when its command line does not. */
function groupOf(pid: number): string {
  const text = tryRead(() => readFileSync(`/proc/${pid}/cgroup`, "utf8")) ?? "";
  const paths = text.split("\n").map((line) => line.split(":").slice(2).join(":"));
  return paths.reduce((deepest, path) => (path.length > deepest.length ? path : deepest), "/");
}

/** Namespaces that a process is in, that a file pins, or that an open descriptor keeps. */
export function readNetworkNamespaces(pinned: ReadonlyMap<string, string>): Item[] {
  const found = new Map(pinned);
  const note = (link: string | undefined, where: string): void => {
    const inode = /^net:\[(\d+)\]$/.exec(link ?? "")?.[1];
    if (inode !== undefined && !found.has(inode)) found.set(inode, where);
  };
  for (const pid of listPids()) {
    note(
      tryRead(() => readlinkSync(`/proc/${pid}/ns/net`)),
      `process ${pid}`,
    );
    for (const fd of tryRead(() => readdirSync(`/proc/${pid}/fd`)) ?? []) {
      note(
        tryRead(() => readlinkSync(join(`/proc/${pid}/fd`, fd))),
        `descriptor ${fd} of process ${pid}`,
      );
    }
  }
  return [...found].map(([inode, where]) => ({
    category: "network namespaces",
    id: inode,
    text: `net:[${inode}] held by ${where}`,
  }));
}
