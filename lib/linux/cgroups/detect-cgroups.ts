import type { Mount } from "../mounts/mountinfo.ts";
import { readMounts } from "../mounts/mounts.ts";
import type { CgroupHierarchy, CgroupMode } from "./cgroup.ts";
import { CgroupV1Hierarchy } from "./cgroup-v1.ts";
import { CgroupV2Hierarchy } from "./cgroup-v2.ts";

/** Where control groups are mounted, from a mount table. Undefined when none are. */
export function cgroupLayout(
  mounts: readonly Mount[],
): { mode: CgroupMode; unified?: string; v1: Map<string, string> } | undefined {
  const unified = mounts.find((mount) => mount.type === "cgroup2")?.target;
  const v1 = new Map(
    mounts
      .filter((mount) => mount.type === "cgroup")
      .flatMap((mount) => mount.superOptions.map((option): [string, string] => [option, mount.target])),
  );
  if (v1.has("memory") || v1.has("pids")) {
    return unified === undefined ? { mode: "v1", v1 } : { mode: "hybrid", unified, v1 };
  }
  return unified === undefined ? undefined : { mode: "v2", unified, v1 };
}

/** The control groups of this machine; undefined when none are mounted. */
export function detectCgroups(mounts: readonly Mount[] = readMounts()): CgroupHierarchy | undefined {
  const layout = cgroupLayout(mounts);
  if (!layout) return undefined;
  if (layout.mode === "v2") return new CgroupV2Hierarchy(layout.unified ?? "");
  return new CgroupV1Hierarchy(layout.v1, layout.mode, layout.unified);
}
