import { readdirSync, readFileSync } from "node:fs";

/** One process as the kernel counts it. */
export interface ProcessUse {
  readonly pid: number;
  /** Program and its first arguments, shortened to tell processes apart. */
  readonly name: string;
  /** Proportional set size in MiB. */
  readonly pssMb: number;
  /** Anonymous memory that no other process shares, in MiB. */
  readonly privateMb: number;
  /** User and system time since its start. */
  readonly cpuMs: number;
}

/** A clock tick of /proc, which is 10 ms on every machine that Linux runs Node on. */
const tickMs = 10;
const mebibyte = 1024;

/** The process and everything that descends from it. One that ends meanwhile is left out. */
export function readProcessTree(root: number): ProcessUse[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = readFields(Number(name))?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const family = new Set([root]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
  }
  return [...family].flatMap((pid) => readUse(pid) ?? []);
}

function readUse(pid: number): ProcessUse | undefined {
  const fields = readFields(pid);
  const rollup = read(pid, "smaps_rollup");
  const command = read(pid, "cmdline")?.split("\0").filter(Boolean);
  if (!fields || !rollup || !command) return undefined;
  const kibibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(rollup)?.[1] ?? 0);
  return {
    pid,
    name: describe(pid, command),
    pssMb: kibibytes("Pss") / mebibyte,
    privateMb: kibibytes("Pss_Anon") / mebibyte,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * tickMs,
  };
}

/** A plugin's working folder is a package named by digest; its group's path tells which plugin it is. */
function describe(pid: number, command: readonly string[]): string {
  const program = command[0]?.split("/").at(-1) ?? "";
  const group = /\/p\/([^/\n]+)\/(control|helpers|workload)/.exec(read(pid, "cgroup") ?? "")?.[1];
  if (group) return `${program} ${group}`;
  return [program, ...command.slice(1, 3).map((word) => word.split("/").at(-1))].join(" ").slice(0, 40);
}

/** Of /proc/PID/stat, from the state on: a program's name may hold blanks and parentheses. */
function readFields(pid: number): string[] | undefined {
  return read(pid, "stat")
    ?.replace(/^.*\) /s, "")
    .split(" ");
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
