import { rmdirSync } from "node:fs";
import { detectCgroups } from "@berth/linux";
import type { SandboxRecord } from "../records.ts";

/** Parent of the pods' groups when their creator names none. */
const defaultParent = "/berth-pods";

/** Control group in which the groups of a pod's containers lie. */
export function sandboxCgroup(sandbox: SandboxRecord): string {
  return sandbox.config.linux?.cgroup_parent || `${defaultParent}/${sandbox.id}`;
}

/** Removes the pod's group where it is ours; one that the creator of the pod named is the creator's. */
export function removeOwnCgroup(sandbox: SandboxRecord): void {
  if (sandbox.config.linux?.cgroup_parent) return;
  const hierarchy = detectCgroups();
  hierarchy?.group(sandboxCgroup(sandbox)).remove();
  for (const folder of hierarchy?.group(defaultParent).folders ?? []) {
    try {
      rmdirSync(folder);
    } catch (error) {
      // Another pod's group is still in it, or another controller's folder was gone already.
      if (!isCode(error, "EBUSY", "ENOTEMPTY", "ENOENT")) throw error;
    }
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(error.code as string);
}
