import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isErrno } from "../linux-error.ts";
import { parseEnviron, parseKeyed, parseProcCgroup, parseStat, type ProcessStat } from "./proc-parsers.ts";

/** Undefined when the process is gone: it may end at any moment, so this is an answer, not a failure. */
function whileAlive<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}

export function readStat(pid: number | "self"): ProcessStat | undefined {
  return whileAlive(() => parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")));
}

export function readStatus(pid: number | "self"): Map<string, string> | undefined {
  return whileAlive(() => parseKeyed(readFileSync(`/proc/${pid}/status`, "utf8")));
}

/** Path by controller; "" is the unified hierarchy. */
export function readCgroups(pid: number | "self"): Map<string, string> | undefined {
  return whileAlive(() => parseProcCgroup(readFileSync(`/proc/${pid}/cgroup`, "utf8")));
}

export function readEnviron(pid: number): Map<string, string> | undefined {
  return whileAlive(() => parseEnviron(readFileSync(`/proc/${pid}/environ`, "utf8")));
}

/** Which namespace of a kind ("mnt", "net", "ipc"…) a process is in: "net:[4026531840]", equal for all who share it. */
export function readNamespace(pid: number | "self", kind: string): string | undefined {
  return whileAlive(() => readlinkSync(`/proc/${pid}/ns/${kind}`));
}

/** Empty for kernel threads and zombies. */
export function readCommandLine(pid: number): string[] | undefined {
  return whileAlive(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1));
}

export function readExecutable(pid: number): string | undefined {
  return whileAlive(() => readlinkSync(`/proc/${pid}/exe`));
}

/** Proportional set size in bytes: each shared page counted by its share. Undefined when the process is gone. */
export function readPssBytes(pid: number): number | undefined {
  const pss = whileAlive(() => parseKeyed(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")).get("Pss"));
  return pss === undefined ? undefined : Number.parseInt(pss, 10) * 1024;
}

export function listPids(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

export function listProcesses(): ProcessStat[] {
  return listPids().flatMap((pid) => readStat(pid) ?? []);
}

/** Every process that descends from `pid`, parents before children. Those adopted by init are not among them. */
export function listDescendants(pid: number): ProcessStat[] {
  const all = listProcesses();
  const found: ProcessStat[] = [];
  const visit = (parent: number): void => {
    for (const child of all) {
      if (child.parentPid !== parent) continue;
      found.push(child);
      visit(child.pid);
    }
  };
  visit(pid);
  return found;
}

/** Changes with every boot of the machine: what was remembered before it says nothing about pids of today. */
export function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}
