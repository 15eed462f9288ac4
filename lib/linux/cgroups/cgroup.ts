/** Upper bounds; a field left out is not bounded. */
export interface CgroupLimits {
  readonly memoryBytes?: number;
  /** Whole processors: 0.5 is half of one. */
  readonly cpus?: number;
  readonly pids?: number;
}

/** What a group uses now, its children included. */
export interface CgroupUsage {
  readonly memoryBytes: number;
  readonly cpuMicroseconds: number;
}

/**
 * One control group, the same on v1 (where it is a folder in each controller's hierarchy) and v2. Every method may
 * be called when the group is gone: it then answers what an empty group would.
 */
export interface Cgroup {
  /** Below the hierarchy's root, without a leading slash: `berth/plugins/csi-hostpath/control`. */
  readonly path: string;
  /** Folders of this group in the file system: one on v2, one for each controller on v1. */
  readonly folders: readonly string[];
  /** Makes the group and its parents where missing. Limits of an existing one are overwritten. */
  create(limits?: CgroupLimits): void;
  readonly exists: boolean;
  child(name: string): Cgroup;
  setLimits(limits: CgroupLimits): void;
  /** What the kernel holds it to now. */
  readLimits(): CgroupLimits;
  addProcess(pid: number): void;
  /** In this very group, in every hierarchy that has it. */
  holds(pid: number): boolean;
  /** Lets processes of a user move others of that user into it, as far as the limits above it allow. */
  letIn(uid: number): void;
  /** Of this group alone, or with all groups below it. */
  listPids(options?: { recursive?: boolean }): number[];
  /** Processes killed for memory since the group was made, in this group alone on v1, with children on v2. */
  readOomKills(): number;
  readUsage(): CgroupUsage;
  /** SIGKILL to every process in it and below, those being forked meanwhile included. */
  killAll(): void;
  /** Removes it and the groups below. EBUSY while a process, also a zombie, is in one. False when absent. */
  remove(): boolean;
}

export type CgroupMode = "v1" | "v2" | "hybrid";

/** The control groups of this machine. */
export interface CgroupHierarchy {
  /** hybrid: v2 is mounted but the controllers are in v1 hierarchies. */
  readonly mode: CgroupMode;
  /** Controllers that Berth uses and that are there: memory, cpu, pids… */
  readonly controllers: readonly string[];
  /** What this mode cannot do, in a person's words; empty when nothing is missing. */
  readonly shortcomings: readonly string[];
  group(path: string): Cgroup;
}

const name = /^[A-Za-z0-9_.@:-]+$/;

/** Refuses what would leave the hierarchy or hit a control file. */
export function cleanCgroupPath(path: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  for (const part of parts) {
    if (!name.test(part) || part === "." || part === "..") {
      throw new RangeError(
        `cgroup path ${path}: "${part}" is not a usable name (letters, digits, _ . @ : -)`,
      );
    }
  }
  if (parts.length === 0) throw new RangeError("cgroup path is empty: the root group belongs to the machine");
  return parts.join("/");
}
