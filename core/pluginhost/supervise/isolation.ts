import type { LaunchPlan } from "./launch-plan.ts";

interface Measure {
  name: string;
  inForce: boolean;
  note?: string;
}

/** What keeps a running plugin apart from the rest of the node, and what does not, with the reason. */
export function isolationInForce(
  plan: Pick<LaunchPlan, "user" | "limits" | "unverified">,
  node: { groups: boolean },
): Measure[] {
  const limit = (name: string, value: number | undefined): Measure => {
    if (!node.groups) return { name, inForce: false, note: "this machine has no control groups" };
    return value === undefined
      ? { name, inForce: false, note: "neither manifest nor spec.limits names one" }
      : { name, inForce: true, note: String(value) };
  };
  const { user } = plan;
  const ofUser = (name: string, note: string | undefined): Measure =>
    user.uid === undefined
      ? { name, inForce: false, note: user.why }
      : { name, inForce: true, ...(note === undefined ? {} : { note }) };
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
    ofUser("own-user", user.uid === undefined ? undefined : String(user.uid)),
    ofUser("no-capabilities", undefined),
    ofUser("no-new-privileges", undefined),
  ];
}
