import type { Filter, Precondition } from "../model.ts";

/** A RuntimeClass that is named must exist. */
export const runtimeClassExists: Precondition = {
  name: "runtime class",
  wakesOn: new Set(["runtimeClass"]),
  check({ pod }, cluster) {
    const name = pod.spec.runtimeClassName;
    if (!name || cluster.runtimeClass(name)) return undefined;
    return `runtimeclass.node.k8s.io "${name}" not found`;
  },
};

/** Holds a pod to the nodes its RuntimeClass is for. */
export const runtimeClassNodes: Filter = {
  name: "runtime class nodes",
  wakesOn: new Set(["node", "runtimeClass"]),
  check({ pod }, { node }, cluster) {
    const scheduling = cluster.runtimeClass(pod.spec.runtimeClassName ?? "")?.scheduling;
    const labels = node.metadata.labels ?? {};
    const matches = Object.entries(scheduling?.nodeSelector ?? {}).every(
      ([key, value]) => labels[key] === value,
    );
    return matches ? undefined : [{ reason: "node(s) didn't match the RuntimeClass's node selector" }];
  },
};
