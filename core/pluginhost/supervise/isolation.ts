import { needsNoPrivilege } from "../launch/launch-command.ts";
import type { LaunchPlan } from "./launch-plan.ts";

interface Measure {
  name: string;
  inForce: boolean;
  note?: string;
}

/** What keeps a running plugin apart from the rest of the node, and what does not, with the reason. */
export function isolationInForce(
  plan: Pick<LaunchPlan, "manifest" | "limits" | "unverified">,
  node: { groups: boolean; uid: number | undefined },
): Measure[] {
  const ownUser = needsNoPrivilege(plan.manifest);
  const whyRoot = ownUser ? "this node gives no users to plugins" : "the manifest asks for privileges";
  const limit = (name: string, value: number | undefined): Measure => {
    if (!node.groups) return { name, inForce: false, note: "this machine has no control groups" };
    return value === undefined
      ? { name, inForce: false, note: "neither manifest nor spec.limits names one" }
      : { name, inForce: true, note: String(value) };
  };
  const uid = ownUser ? node.uid : undefined;
  return [
    plan.unverified
      ? {
          name: "verified-package",
          inForce: false,
          note: "spec.dev: run from a folder that anybody may change",
        }
      : { name: "verified-package", inForce: true },
    { name: "own-session", inForce: true },
    { name: "minimal-environment", inForce: true },
    node.groups
      ? { name: "process-groups", inForce: true }
      : { name: "process-groups", inForce: false, note: "this machine has no control groups" },
    limit("memory-limit", plan.limits.memoryBytes),
    limit("pids-limit", plan.limits.pids),
    uid === undefined
      ? { name: "own-user", inForce: false, note: whyRoot }
      : { name: "own-user", inForce: true, note: String(uid) },
    uid === undefined
      ? { name: "no-new-privileges", inForce: false, note: whyRoot }
      : { name: "no-new-privileges", inForce: true },
  ];
}
