import { BerthError } from "@berth/base";
import { failOpenVerbs } from "../call/fail-open.ts";
import type { Daemons } from "../daemons/daemons.ts";
import type { DesiredPlugin } from "../contracts/plugin-host.ts";
import { wrongVersion } from "../errors.ts";
import type { InstancePaths } from "../launch/instance-paths.ts";
import { chooseUser } from "../launch/own-user.ts";
import { checkConfig } from "../manifest/check-config.ts";
import type { PackageStore } from "../package/package-store.ts";
import { checkGrants } from "./grants.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { toCgroupLimits } from "./cgroup-limits.ts";

/** A plan, and what of it is not there yet. */
export interface Planned {
  readonly plan: LaunchPlan;
  /** Needs other than the daemons that the plan names already. */
  readonly needs: readonly string[];
  /** Full names of the verbs that fail open. */
  readonly failOpen: ReadonlySet<string>;
}

/**
 * From spec to plan: package, manifest, grants, configuration, daemons. Starts the daemons that the manifest declares.
 * Rejects with a BerthError that names the field to correct.
 */
export async function specToPlan(
  { spec, restartedAt }: Pick<DesiredPlugin, "spec" | "restartedAt">,
  parts: {
    packages: PackageStore;
    daemons: Daemons;
    /** Allotted to this plugin; undefined where the node gives none. */
    uid: number | undefined;
    paths: InstancePaths;
  },
): Promise<Planned> {
  const { manifest, folder, digest, unverified } = await parts.packages.prepare(spec);
  if (spec.version !== undefined && spec.version !== manifest.version) {
    throw new BerthError(
      wrongVersion,
      `spec.version is ${spec.version}, but the package${digest ? ` ${digest}` : ""} is ${manifest.id} ${manifest.version}`,
    );
  }
  checkGrants(manifest, spec.grants);
  const failOpen = failOpenVerbs(manifest.contract, spec.failOpen);
  const config = checkConfig(manifest, spec.config);
  const wanted = manifest.daemons.filter(
    ({ unlessConfig }) => unlessConfig === undefined || !config[unlessConfig],
  );
  parts.daemons.declare(folder, wanted);
  const waived = new Set(
    manifest.daemons.filter((one) => !wanted.includes(one)).map(({ id }) => `daemon:${id}`),
  );
  const needs = manifest.needs.filter((need) => !waived.has(need));
  const limits = toCgroupLimits(manifest.limits, spec.limits);
  const needed = [folder, process.execPath, parts.paths.folder, parts.paths.state];
  const user = await chooseUser(manifest, parts.uid, needed);
  const plan = { manifest, folder, digest, unverified, config, limits, user, daemons: {}, restartedAt };
  return { plan, needs, failOpen };
}

/** Where the needed daemons serve is known only once all who declare them are planned: filled in when it is used. */
export function withDaemonSockets(planned: Planned, daemons: Pick<Daemons, "socketPath">): Planned {
  const sockets = planned.needs.flatMap((need) => {
    const id = need.startsWith("daemon:") ? need.slice("daemon:".length) : undefined;
    const path = id === undefined ? undefined : daemons.socketPath(id);
    return id === undefined || path === undefined ? [] : [[id, path] as const];
  });
  return { ...planned, plan: { ...planned.plan, daemons: Object.fromEntries(sockets) } };
}
