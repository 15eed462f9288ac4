import { type Cgroup, type CgroupHierarchy, type CgroupLimits, isErrno, readStat } from "@berth/linux";

/**
 * The three process groups of one plugin: `control` (the plugin), `helpers` (what it starts for one call) and
 * `workload` (what must outlive it: shims, sandboxes, log pumps). Stop, upgrade and crash touch the first two only.
 */
export class PluginGroups {
  readonly control: Cgroup;
  readonly helpers: Cgroup;
  readonly workload: Cgroup;
  readonly path: string;
  readonly #whole: Cgroup;

  constructor(hierarchy: CgroupHierarchy, path: string) {
    this.path = path;
    this.#whole = hierarchy.group(path);
    this.control = hierarchy.group(`${path}/control`);
    this.helpers = hierarchy.group(`${path}/helpers`);
    this.workload = hierarchy.group(`${path}/workload`);
  }

  /** `uid`: the plugin's own user, who must be able to start helpers where they belong. */
  create(limits: CgroupLimits, uid: number | undefined): void {
    this.control.create(limits);
    this.helpers.create(limits);
    this.workload.create();
    if (uid !== undefined) this.helpers.letIn(uid);
  }

  /**
   * Ends what an incarnation left behind. A process that made itself a session of its own was meant to outlive the
   * plugin: it moves to the workload, where it is counted but never killed.
   */
  sweep(session: number): void {
    this.helpers.killAll();
    for (const pid of this.control.listPids({ recursive: true })) {
      const stat = readStat(pid);
      if (!stat || stat.state === "Z") continue;
      if (stat.session !== session) this.workload.addProcess(pid);
      else killNow(pid);
    }
  }

  /** The plugin is gone for good. Workloads live on, and then their group and its parent stay. */
  async removeIdle(): Promise<void> {
    if (this.workload.listPids({ recursive: true }).length === 0) await removeWhenEmpty(this.#whole);
  }

  /** Full teardown only. */
  async remove(): Promise<void> {
    for (const group of [this.helpers, this.control, this.workload]) group.killAll();
    for (const group of [this.helpers, this.control, this.workload]) await removeWhenEmpty(group);
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // Ended since it was looked at; the others are still to be ended.
    if (!isErrno(error, "ESRCH")) throw error;
  }
}

/** The kernel keeps a killed process in its group until it is reaped. */
export async function removeWhenEmpty(group: Cgroup): Promise<void> {
  for (
    let round = 0;
    group.exists && group.listPids({ recursive: true }).length > 0 && round < 100;
    round++
  ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  group.remove();
}
