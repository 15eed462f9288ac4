import { readEnviron, readMounts, readNamespace, readStat, readStatus } from "@berth/linux";
import { capabilitiesOfMask } from "@berth/oci";
import { capabilitiesOf } from "../launch/launch-command.ts";
import { privateMount } from "../launch/own-namespaces.ts";
import { foreignNames } from "../launch/plugin-environment.ts";
import type { PluginGroups } from "../launch/plugin-groups.ts";
import type { LaunchPlan } from "./launch-plan.ts";

export interface Measure {
  readonly name: string;
  readonly inForce: boolean;
  readonly note?: string;
}

/**
 * What keeps a running plugin apart from the rest of the node, and what does not, with the reason. Read from the
 * living process, so that it is true of one that a former host or a person started, too. Empty when it has ended.
 */
export function isolationInForce(
  plan: Pick<LaunchPlan, "user" | "unverified" | "manifest" | "limits">,
  pid: number,
  groups: PluginGroups | undefined,
): Measure[] {
  const stat = readStat(pid);
  const status = readStatus(pid);
  const environment = readEnviron(pid);
  if (!stat || !status || !environment) return [];
  const foreign = foreignNames(environment.keys());
  return [
    measure("verified-package", !plan.unverified, "spec.dev: run from a folder that anybody may change"),
    measure("own-session", stat.session === pid, `it is in session ${stat.session}`),
    measure("minimal-environment", foreign.length === 0, `it also has ${foreign.join(", ")}`),
    ...ofGroups(pid, plan, groups),
    ofCapabilities(status, plan.user.uid === undefined ? capabilitiesOf(plan.manifest) : []),
    ...ofPrivileges(status, plan.user.uid === undefined ? plan.user.why : "it was not started by this host"),
    ...ofNamespaces(pid, plan),
  ];
}

function measure(name: string, inForce: boolean, lack: string, note?: string): Measure {
  if (!inForce) return { name, inForce, note: lack };
  return note === undefined ? { name, inForce } : { name, inForce, note };
}

function ofGroups(
  pid: number,
  plan: Pick<LaunchPlan, "limits">,
  groups: PluginGroups | undefined,
): Measure[] {
  const isHeld = groups?.control.holds(pid) ?? false;
  const lack = groups ? "it is outside of them" : "this machine has no control groups";
  const { memoryBytes, cpus, pids } = isHeld && groups ? groups.control.readLimits() : {};
  const limit = (controller: string, asked: number | undefined, value: number | undefined): Measure => {
    const none =
      asked === undefined
        ? "neither manifest nor spec.limits names one"
        : `the control groups of this machine have no ${controller} controller`;
    return measure(`${controller}-limit`, value !== undefined, isHeld ? none : lack, String(value));
  };
  return [
    measure("process-groups", isHeld, lack, groups?.path),
    limit("memory", plan.limits.memoryBytes, memoryBytes),
    limit("cpu", plan.limits.cpus, cpus),
    limit("pids", plan.limits.pids, pids),
  ];
}

/** The bounding set is what it could ever get, and what a privileged process gets with each program it runs. */
function ofCapabilities(status: ReadonlyMap<string, string>, asked: readonly string[]): Measure {
  const got = capabilitiesOfMask(status.get("CapBnd") ?? "0");
  const more = got.filter((name) => !asked.includes(name));
  const note = got.length === 0 ? "none" : got.join(" ");
  return measure("only-asked-capabilities", more.length === 0, `it also has ${more.join(", ")}`, note);
}

const capabilitySets = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"];

function ofPrivileges(status: ReadonlyMap<string, string>, why: string): Measure[] {
  const uids = new Set(status.get("Uid")?.split(/\s+/));
  const own = readStatus("self")?.get("Uid")?.split(/\s+/)[0] ?? "";
  const hasNone = capabilitySets.every((name) => /^0+$/.test(status.get(name) ?? ""));
  return [
    measure("own-user", uids.size === 1 && !uids.has(own), why, [...uids].join(" ")),
    measure("no-other-groups", status.get("Groups")?.trim() === "", why),
    measure("no-capabilities", hasNone, why),
    measure("no-new-privileges", status.get("NoNewPrivs") === "1", why),
  ];
}

function ofNamespaces(pid: number, { user }: Pick<LaunchPlan, "user">): Measure[] {
  const isOwn = (kind: string): boolean => readNamespace(pid, kind) !== readNamespace("self", kind);
  const why = user.uid === undefined ? user.why : "the kernel refused it";
  const kept = user.uid === undefined ? undefined : privateMount(readMounts());
  const mounts = kept === undefined ? why : `${kept} is mounted private: a copy would outlive it`;
  return [
    measure("own-mounts", isOwn("mnt"), mounts),
    measure("own-ipc", isOwn("ipc"), why),
    measure("own-host-name", isOwn("uts"), why),
    measure("own-network", isOwn("net"), "a plugin reaches what it drives through the node's network"),
    measure("own-process-numbers", isOwn("pid"), "its process number proves to the host who it is"),
  ];
}
