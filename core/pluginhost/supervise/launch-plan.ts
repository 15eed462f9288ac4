import { isDeepStrictEqual } from "node:util";
import type { CgroupLimits } from "@berth/linux";
import type { OwnUser } from "../launch/own-user.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** Everything that decides how a process of a plugin is started; kept with it, so that it can be compared later. */
export interface LaunchPlan {
  readonly manifest: Manifest;
  readonly folder: string;
  readonly digest: string | undefined;
  readonly unverified: boolean;
  readonly config: Readonly<Record<string, unknown>>;
  readonly limits: CgroupLimits;
  readonly user: OwnUser;
  /** Ready socket by daemon id. */
  readonly daemons: Readonly<Record<string, string>>;
  /** The last restart that was asked for when it was planned. */
  readonly restartedAt?: string | undefined;
}

/** What has to happen to a process of plan `a` so that it is as plan `b` says. */
export function planChange(a: LaunchPlan, b: LaunchPlan): "none" | "configure" | "replace" {
  // Where a daemon serves is learned during the start of the node and says nothing about the program.
  const { config: configA, daemons: _a, restartedAt: _restartA, ...restA } = a;
  const { config: configB, daemons: _b, restartedAt: _restartB, ...restB } = b;
  if (asksForRestart(a, b)) return "replace";
  if (!isSame(restA, restB)) return "replace";
  if (isSame(configA, configB)) return "none";
  return b.manifest.sdk ? "configure" : "replace";
}

/** Taking the request back is no request. */
export function asksForRestart(a: LaunchPlan, b: LaunchPlan): boolean {
  return b.restartedAt !== undefined && b.restartedAt !== a.restartedAt;
}

/** "update from 1.0.0 to 1.1.0", as events tell it. */
export function changeName(a: LaunchPlan, b: LaunchPlan): string {
  const { version } = b.manifest;
  return asksForRestart(a, b) ? `restart of ${version}` : `update from ${a.manifest.version} to ${version}`;
}

/** One of the two may come from disk, where what is undefined is absent. */
function isSame(a: object, b: object): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
