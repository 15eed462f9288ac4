import type { Filter, Refusal } from "../model.ts";

/** Keeps the sum of requests within what a node can give: processors, memory, devices, number of pods. */
export const resources: Filter = {
  name: "resources",
  wakesOn: new Set(["node", "podGone"]),
  check({ requests }, node) {
    const refusals: Refusal[] = [];
    if (node.pods.size + 1 > (node.allocatable.get("pods") ?? 0)) {
      refusals.push({ reason: "Too many pods" });
    }
    for (const [name, amount] of requests) {
      if (amount === 0) continue;
      const there = node.allocatable.get(name) ?? 0;
      if ((node.requested.get(name) ?? 0) + amount <= there) continue;
      refusals.push({ reason: `Insufficient ${name}` });
    }
    return refusals.length > 0 ? refusals : undefined;
  },
};
