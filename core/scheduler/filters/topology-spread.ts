import type { Filter } from "../model.ts";
import { countsByDomain, isCounted } from "../spread.ts";

/** Holds pods to the constraints that say DoNotSchedule: no domain more than `maxSkew` above the emptiest one. */
export const topologySpread: Filter = {
  name: "topology spread",
  wakesOn: new Set(["node", "podGone", "podPlaced"]),
  check(info, { node }, cluster) {
    for (const constraint of info.pod.spec.topologySpreadConstraints ?? []) {
      if (constraint.whenUnsatisfiable !== "DoNotSchedule") continue;
      const domain = node.metadata.labels?.[constraint.topologyKey];
      if (domain === undefined) {
        return [{ reason: "node(s) didn't match pod topology spread constraints (missing required label)" }];
      }
      const counts = countsByDomain(constraint, info, cluster);
      const emptiest = counts.size < (constraint.minDomains ?? 1) ? 0 : Math.min(...counts.values());
      const itself = isCounted(constraint, info.pod, info.pod) ? 1 : 0;
      if ((counts.get(domain) ?? 0) + itself - emptiest > constraint.maxSkew) {
        return [{ reason: "node(s) didn't match pod topology spread constraints" }];
      }
    }
    return undefined;
  },
};
