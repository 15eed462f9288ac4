import { chownSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isErrno } from "../linux-error.ts";
import {
  type Cgroup,
  type CgroupHierarchy,
  type CgroupLimits,
  type CgroupMode,
  type CgroupUsage,
  cleanCgroupPath,
} from "./cgroup.ts";
import {
  foldersBelow,
  makeFolder,
  readBound,
  readCounter,
  readPids,
  readText,
  removeTree,
  writeValue,
} from "./cgroup-files.ts";
import { killUntilEmpty } from "./kill-until-empty.ts";

const wanted = ["memory", "cpu", "cpuacct", "pids", "freezer", "cpuset"];
const cpuPeriodMicroseconds = 100_000;
/** Without a limit the kernel tells the largest number of bytes in whole pages. */
const unboundedMemory = 2 ** 62;

/** Mount point by controller; controllers mounted together share one. */
export type V1Mounts = ReadonlyMap<string, string>;

export class CgroupV1Hierarchy implements CgroupHierarchy {
  readonly mode: CgroupMode;
  readonly controllers: readonly string[];
  readonly shortcomings: readonly string[];
  readonly #mounts: V1Mounts;
  /** Hierarchies that Berth does not use but OCI runtimes make groups in; they are cleaned with the others. */
  readonly #others: readonly string[];

  constructor(mounts: V1Mounts, mode: "v1" | "hybrid", unified?: string) {
    this.mode = mode;
    this.controllers = wanted.filter((controller) => mounts.has(controller));
    this.#mounts = new Map(this.controllers.map((controller) => [controller, mounts.get(controller) ?? ""]));
    const used = new Set(this.#mounts.values());
    const all = new Set([...mounts.values(), ...(unified === undefined ? [] : [unified])]);
    this.#others = [...all].filter((root) => !used.has(root));
    this.shortcomings = wanted
      .filter((controller) => controller !== "cpuset" && !mounts.has(controller))
      .map(
        (controller) => `the ${controller} controller is not mounted, so its limits or counts are missing`,
      );
  }

  group(path: string): Cgroup {
    return new CgroupV1(this.#mounts, this.#others, cleanCgroupPath(path));
  }
}

class CgroupV1 implements Cgroup {
  readonly path: string;
  readonly folders: readonly string[];
  readonly #mounts: V1Mounts;
  readonly #others: readonly string[];

  constructor(mounts: V1Mounts, others: readonly string[], path: string) {
    this.#mounts = mounts;
    this.#others = others;
    this.path = path;
    this.folders = [...new Set(mounts.values())].map((root) => join(root, path));
  }

  get exists(): boolean {
    return this.folders.some((folder) => existsSync(folder));
  }

  create(limits: CgroupLimits = {}): void {
    for (const folder of this.folders) makeFolder(folder);
    this.#inheritCpuset();
    this.setLimits(limits);
  }

  /** A new cpuset group has no processors and no memory nodes, and takes no process until it gets some. */
  #inheritCpuset(): void {
    const root = this.#mounts.get("cpuset");
    if (root === undefined) return;
    const parts = this.path.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const folder = join(root, ...parts.slice(0, depth));
      for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        if ((readText(folder, file) ?? "").trim() !== "") continue;
        writeValue(folder, file, (readText(dirname(folder), file) ?? "").trim());
      }
    }
  }

  child(name: string): Cgroup {
    return new CgroupV1(this.#mounts, this.#others, cleanCgroupPath(`${this.path}/${name}`));
  }

  setLimits({ memoryBytes, cpus, pids }: CgroupLimits): void {
    this.#set("memory", "memory.limit_in_bytes", memoryBytes);
    if (cpus !== undefined) this.#set("cpu", "cpu.cfs_period_us", cpuPeriodMicroseconds);
    const quota = cpus === undefined ? undefined : Math.max(1000, Math.round(cpus * cpuPeriodMicroseconds));
    this.#set("cpu", "cpu.cfs_quota_us", quota);
    this.#set("pids", "pids.max", pids, "max");
  }

  #set(controller: string, file: string, value: number | undefined, none: string | number = -1): void {
    const folder = this.#folder(controller);
    if (folder !== undefined) writeValue(folder, file, value ?? none);
  }

  readLimits(): CgroupLimits {
    const read = (controller: string, file: string): string | undefined => {
      const folder = this.#folder(controller);
      return folder === undefined ? undefined : readText(folder, file);
    };
    const memoryBytes = readBound(read("memory", "memory.limit_in_bytes"));
    const quota = readBound(read("cpu", "cpu.cfs_quota_us"));
    const pids = readBound(read("pids", "pids.max"));
    return {
      ...(memoryBytes === undefined || memoryBytes >= unboundedMemory ? {} : { memoryBytes }),
      ...(quota === undefined ? {} : { cpus: quota / Number(read("cpu", "cpu.cfs_period_us")) }),
      ...(pids === undefined ? {} : { pids }),
    };
  }

  #folder(controller: string): string | undefined {
    const root = this.#mounts.get(controller);
    return root === undefined ? undefined : join(root, this.path);
  }

  addProcess(pid: number): void {
    for (const folder of this.folders) writeValue(folder, "cgroup.procs", pid);
  }

  holds(pid: number): boolean {
    return this.folders.every((folder) => readPids(folder).includes(pid));
  }

  letIn(uid: number): void {
    for (const folder of this.folders) chownSync(join(folder, "cgroup.procs"), uid, uid);
  }

  listPids(options: { recursive?: boolean } = {}): number[] {
    const folders = options.recursive ? this.folders.flatMap(foldersBelow) : this.folders;
    return [...new Set(folders.flatMap(readPids))];
  }

  readOomKills(): number {
    const folder = this.#folder("memory");
    return folder === undefined ? 0 : readCounter(readText(folder, "memory.oom_control"), "oom_kill");
  }

  readUsage(): CgroupUsage {
    const read = (controller: string, file: string): number => {
      const folder = this.#folder(controller);
      return folder === undefined ? 0 : Number(readText(folder, file) ?? 0);
    };
    return {
      memoryBytes: read("memory", "memory.usage_in_bytes"),
      cpuMicroseconds: Math.round(read("cpuacct", "cpuacct.usage") / 1000),
    };
  }

  /** Frozen first, so that nothing forks between listing and signalling; thawed, because a frozen one cannot die. */
  killAll(): void {
    this.#freeze("FROZEN");
    try {
      killUntilEmpty(() => this.listPids({ recursive: true }), this.path);
    } finally {
      this.#freeze("THAWED");
    }
  }

  #freeze(state: "FROZEN" | "THAWED"): void {
    const folder = this.#folder("freezer");
    if (folder === undefined) return;
    try {
      writeValue(folder, "freezer.state", state);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
    }
  }

  remove(): boolean {
    const others = this.#others.map((root) => join(root, this.path));
    return [...this.folders, ...others].map(removeTree).some(Boolean);
  }
}
