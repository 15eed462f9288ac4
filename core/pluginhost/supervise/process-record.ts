import type { ProcessIdentity } from "@berth/linux";
import type { LaunchPlan } from "./launch-plan.ts";

/** What a new host needs to find and trust a process that a former one started. */
export interface ProcessRecord {
  readonly plugin: string;
  readonly incarnation: number;
  readonly identity: ProcessIdentity;
  readonly tokenHash: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Count of its group at the start, which may have held former incarnations. */
  readonly oomKills: number;
  readonly plan: LaunchPlan;
}

export function recordKey(record: Pick<ProcessRecord, "plugin" | "incarnation">): string {
  return `${record.plugin}#${record.incarnation}`;
}
