import type { PluginInstance, PluginSet, PluginStatus } from "../api/index.ts";

type Condition = NonNullable<PluginStatus["conditions"]>[number];

/** Status of a PluginSet: on how many nodes a member runs, and on how many of those all members are ready. */
export function setSummary(set: PluginSet, instances: readonly PluginInstance[], now: string): PluginStatus {
  const members = new Set(set.spec.plugins);
  const own = instances.filter(({ spec }) => members.has(spec.plugin));
  const nodes = [...new Set(own.map(({ spec }) => spec.nodeName))];
  const missing = nodes.flatMap((node) => missingOn(node, members, own));
  const ready = nodes.filter((node) => missingOn(node, members, own).length === 0);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    nodes: nodes.length,
    ready: ready.length,
    conditions: [readyCondition(set, nodes.length, missing, now)],
  };
}

/** "cni-bridge on node one" for each member that is not ready there. */
function missingOn(node: string, members: ReadonlySet<string>, own: readonly PluginInstance[]): string[] {
  const ready = new Set(
    own
      .filter(({ spec, status }) => spec.nodeName === node && status?.state === "ready")
      .map(({ spec }) => spec.plugin),
  );
  return [...members].filter((member) => !ready.has(member)).map((member) => `${member} on node ${node}`);
}

function readyCondition(set: PluginSet, nodes: number, missing: readonly string[], now: string): Condition {
  const status = nodes > 0 && missing.length === 0 ? "True" : "False";
  const before = set.status?.conditions?.find(({ type }) => type === "Ready");
  return {
    type: "Ready",
    status,
    reason: nodes === 0 ? "NoNode" : missing.length === 0 ? "Ready" : "MembersNotReady",
    message: missing.length === 0 ? "" : `not ready: ${missing.join(", ")}`,
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
    observedGeneration: set.metadata.generation ?? 0,
  };
}
