import { matchesNodeSelector } from "../../api/scheduling/node-selector.ts";
import type { Filter } from "../model.ts";

const refusal = [{ reason: "node(s) didn't match Pod's node affinity/selector" }];

/** Holds a pod to its nodeSelector and required node affinity. */
export const nodeAffinity: Filter = {
  name: "node affinity",
  wakesOn: new Set(["node"]),
  check({ pod }, { node }) {
    const labels = node.metadata.labels ?? {};
    for (const [key, value] of Object.entries(pod.spec.nodeSelector ?? {})) {
      if (labels[key] !== value) return refusal;
    }
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
    return required && !matchesNodeSelector(required, node) ? refusal : undefined;
  },
};
