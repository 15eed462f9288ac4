import { chownSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { isErrno } from "../linux-error.ts";
import {
  type Cgroup,
  type CgroupHierarchy,
  type CgroupLimits,
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

const wanted = ["cpu", "memory", "pids"];
const cpuPeriodMicroseconds = 100_000;

export class CgroupV2Hierarchy implements CgroupHierarchy {
  readonly mode = "v2";
  readonly controllers: readonly string[];
  readonly shortcomings: readonly string[];
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    const present = (readText(root, "cgroup.controllers") ?? "").trim().split(/\s+/);
    this.controllers = wanted.filter((controller) => present.includes(controller));
    this.shortcomings = wanted
      .filter((controller) => !present.includes(controller))
      .map(
        (controller) =>
          `the ${controller} controller is not delegated to ${root}, so its limits have no effect`,
      );
  }

  group(path: string): Cgroup {
    return new CgroupV2(this.#root, cleanCgroupPath(path), this.controllers);
  }
}

class CgroupV2 implements Cgroup {
  readonly path: string;
  readonly #root: string;
  readonly #controllers: readonly string[];

  constructor(root: string, path: string, controllers: readonly string[]) {
    this.#root = root;
    this.path = path;
    this.#controllers = controllers;
  }

  get #folder(): string {
    return join(this.#root, this.path);
  }

  get folders(): readonly string[] {
    return [this.#folder];
  }

  get exists(): boolean {
    return existsSync(this.#folder);
  }

  create(limits: CgroupLimits = {}): void {
    makeFolder(this.#folder);
    for (const parent of this.#parents()) {
      for (const controller of this.#controllers)
        writeValue(parent, "cgroup.subtree_control", `+${controller}`);
    }
    this.setLimits(limits);
  }

  /** From the root down to the parent: a controller must be handed down at every level. */
  #parents(): string[] {
    const parents: string[] = [];
    for (let folder = dirname(this.#folder); ; folder = dirname(folder)) {
      parents.unshift(folder);
      if (folder === this.#root || folder === "/") return parents;
    }
  }

  child(name: string): Cgroup {
    return new CgroupV2(this.#root, cleanCgroupPath(`${this.path}/${name}`), this.#controllers);
  }

  setLimits(limits: CgroupLimits): void {
    const { memoryBytes, cpus, pids } = limits;
    const set = (controller: string, file: string, value: number | string = "max"): void => {
      if (this.#controllers.includes(controller)) writeValue(this.#folder, file, value);
    };
    set("memory", "memory.max", memoryBytes);
    set("cpu", "cpu.max", cpus === undefined ? undefined : `${quota(cpus)} ${cpuPeriodMicroseconds}`);
    set("pids", "pids.max", pids);
  }

  readLimits(): CgroupLimits {
    const memoryBytes = readBound(readText(this.#folder, "memory.max"));
    const pids = readBound(readText(this.#folder, "pids.max"));
    const [share, period] = (readText(this.#folder, "cpu.max") ?? "").trim().split(" ");
    const quota = readBound(share);
    return {
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...(quota === undefined ? {} : { cpus: quota / Number(period) }),
      ...(pids === undefined ? {} : { pids }),
    };
  }

  addProcess(pid: number): void {
    writeValue(this.#folder, "cgroup.procs", pid);
  }

  holds(pid: number): boolean {
    return readPids(this.#folder).includes(pid);
  }

  /** The kernel asks for the right to write in the group that both ends share, too; it holds no process itself. */
  letIn(uid: number): void {
    for (const folder of [this.#folder, dirname(this.#folder)])
      chownSync(join(folder, "cgroup.procs"), uid, uid);
  }

  listPids(options: { recursive?: boolean } = {}): number[] {
    return options.recursive ? foldersBelow(this.#folder).flatMap(readPids) : readPids(this.#folder);
  }

  readOomKills(): number {
    return readCounter(readText(this.#folder, "memory.events"), "oom_kill");
  }

  readUsage(): CgroupUsage {
    return {
      memoryBytes: Number(readText(this.#folder, "memory.current") ?? 0),
      cpuMicroseconds: readCounter(readText(this.#folder, "cpu.stat"), "usage_usec"),
    };
  }

  killAll(): void {
    try {
      if (existsSync(join(this.#folder, "cgroup.kill"))) writeValue(this.#folder, "cgroup.kill", 1);
      else killUntilEmpty(() => this.listPids({ recursive: true }), this.path);
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENODEV")) throw error;
    }
  }

  remove(): boolean {
    return removeTree(this.#folder);
  }
}

function quota(cpus: number): number {
  return Math.max(1000, Math.round(cpus * cpuPeriodMicroseconds));
}
