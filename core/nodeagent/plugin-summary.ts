import type { Plugin, PluginInstance, PluginStatus } from "../api/index.ts";

type Condition = NonNullable<PluginStatus["conditions"]>[number];

/** Status of a Plugin from its instances on all nodes. */
export function pluginSummary(
  plugin: Plugin,
  instances: readonly PluginInstance[],
  now: string,
): PluginStatus {
  const own = instances.filter(({ spec }) => spec.plugin === plugin.metadata.name);
  const ready = own.filter(({ status }) => status?.state === "ready");
  return {
    observedGeneration: plugin.metadata.generation ?? 0,
    nodes: own.length,
    ready: ready.length,
    conditions: [readyCondition(plugin, own, now)],
  };
}

function readyCondition(plugin: Plugin, own: readonly PluginInstance[], now: string): Condition {
  const worst = own.find(({ status }) => status?.state !== "ready");
  const status = own.length > 0 && !worst ? "True" : "False";
  const state = worst?.status?.state ?? (own.length > 0 ? "ready" : "stopped");
  const before = plugin.status?.conditions?.find(({ type }) => type === "Ready");
  return {
    type: "Ready",
    status,
    reason: own.length === 0 ? "NoNode" : state.slice(0, 1).toUpperCase() + state.slice(1),
    message: worst ? `on node ${worst.spec.nodeName}: ${worst.status?.reason ?? "nothing is known yet"}` : "",
    lastTransitionTime: before?.status === status ? before.lastTransitionTime : now,
    observedGeneration: plugin.metadata.generation ?? 0,
  };
}
