import { untoleratedTaint } from "../../api/scheduling/tolerations.ts";
import type { Filter } from "../model.ts";

/** Keeps pods off cordoned nodes unless they tolerate that. */
export const unschedulable: Filter = {
  name: "unschedulable",
  wakesOn: new Set(["node"]),
  check({ pod }, { node }) {
    if (!node.spec?.unschedulable) return undefined;
    const taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;
    return untoleratedTaint([taint], pod.spec.tolerations, ["NoSchedule"])
      ? [{ reason: "node(s) were unschedulable" }]
      : undefined;
  },
};
