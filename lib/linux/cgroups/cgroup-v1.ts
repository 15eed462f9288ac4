import { existsSync } from "node:fs";
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
  readCounter,
  readPids,
  readText,
  removeTree,
  writeValue,
} from "./cgroup-files.ts";
import { killUntilEmpty } from "./kill-until-empty.ts";

const wanted = ["memory", "cpu", "cpuacct", "pids", "freezer", "cpuset"];
const cpuPeriodMicroseconds = 100_000;

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
    if (cpus !== undefined) {
      this.#set("cpu", "cpu.cfs_period_us", cpuPeriodMicroseconds);
      this.#set("cpu", "cpu.cfs_quota_us", Math.max(1000, Math.round(cpus * cpuPeriodMicroseconds)));
    }
    this.#set("pids", "pids.max", pids);
  }

  #set(controller: string, file: string, value: number | undefined): void {
    const folder = this.#folder(controller);
    if (value !== undefined && folder !== undefined) writeValue(folder, file, value);
  }

  #folder(controller: string): string | undefined {
    const root = this.#mounts.get(controller);
    return root === undefined ? undefined : join(root, this.path);
  }

  addProcess(pid: number): void {
    for (const folder of this.folders) writeValue(folder, "cgroup.procs", pid);
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
