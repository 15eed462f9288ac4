import type { CgroupLimits, ProcessIdentity } from "@berth/linux";
import type { Manifest } from "../manifest/manifest.ts";

/** Everything that decides how a process of a plugin is started; kept with it, so that it can be compared later. */
export interface LaunchPlan {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly digest: string | undefined;
  readonly unverified: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly limits: CgroupLimits;
  /** Ready socket by daemon id. */
  readonly daemons: Readonly<Record<string, string>>;
}

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
