import type { PolicyRule } from "../../authz/rbac-types.ts";

/**
 * Roles by name, of text that names each at the beginning of a line, its rules indented below: `verbs groups resources`
 * and perhaps names of objects, or `verbs at paths`. The core group is `core`. Throws of a rule before any name.
 */
export function rolesOf(text: string): ReadonlyMap<string, readonly PolicyRule[]> {
  const roles = new Map<string, PolicyRule[]>();
  let rules: PolicyRule[] | undefined;
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    if (!line.startsWith(" ")) roles.set(line, (rules = []));
    else if (rules) rules.push(ruleOf(line.trim()));
    else throw new Error(`no role is named before ${line.trim()}`);
  }
  return roles;
}

function ruleOf(line: string): PolicyRule {
  const [verbs = [], groups = [], resources = [], names] = line.split(" ").map((word) => word.split(","));
  if (groups[0] === "at") return { verbs, nonResourceURLs: resources };
  return {
    verbs,
    apiGroups: groups.map((group) => (group === "core" ? "" : group)),
    resources,
    ...(names && { resourceNames: names }),
  };
}
