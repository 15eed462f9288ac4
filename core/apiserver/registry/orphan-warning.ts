import type { Kind } from "../../api/index.ts";
import type { DeleteRequest } from "./delete-object.ts";

const pods = "child pods are preserved by default when jobs are deleted";
const advice =
  "set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning";

/** Tells who deletes a job, and nothing of its pods, that they stay. */
export function warnOfOrphans(
  { type }: Kind,
  { propagationPolicy, orphanDependents }: DeleteRequest,
  warnings: string[],
): void {
  if (type !== "batch.v1.Job" || propagationPolicy !== undefined || orphanDependents !== undefined) return;
  warnings.push(`${pods}; ${advice}`);
}
