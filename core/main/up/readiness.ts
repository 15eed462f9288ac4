import type { Node, Pod } from "../../api/index.ts";
import type { PluginInstance } from "../../api/berth/types.ts";

/** What is still missing, as one sentence; undefined when nothing is. */
export function pluginsMissing(instances: readonly PluginInstance[], expected: number): string | undefined {
  const waiting = instances.filter((instance) => instance.status?.state !== "ready");
  if (instances.length < expected && waiting.length === 0)
    return `${expected - instances.length} of ${expected} plugins are not started yet`;
  if (waiting.length === 0) return undefined;
  return waiting
    .map(
      ({ spec, status }) =>
        `${spec.plugin} ${status?.state ?? "new"}${status?.reason ? ` (${status.reason})` : ""}`,
    )
    .join(", ");
}

export function nodesMissing(nodes: readonly Node[]): string | undefined {
  if (nodes.length === 0) return "no node is registered yet";
  const waiting = nodes.flatMap((node) => {
    const ready = node.status?.conditions?.find((condition) => condition.type === "Ready");
    if (ready?.status === "True") return [];
    return [`node ${node.metadata?.name}: ${ready?.message ?? "no Ready condition yet"}`];
  });
  return waiting.length === 0 ? undefined : waiting.join(", ");
}

export function podsMissing(pods: readonly Pod[], expected: readonly string[]): string | undefined {
  const byName = new Map(pods.map((pod) => [pod.metadata?.name, pod]));
  const waiting = expected.flatMap((name) => {
    const why = podMissing(byName.get(name));
    return why === undefined ? [] : [`${name} ${why}`];
  });
  return waiting.length === 0 ? undefined : waiting.join(", ");
}

function podMissing(pod: Pod | undefined): string | undefined {
  if (!pod) return "is not there yet";
  const conditions = pod.status?.conditions ?? [];
  if (conditions.some((condition) => condition.type === "Ready" && condition.status === "True"))
    return undefined;
  const unscheduled = conditions.find(
    (condition) => condition.type === "PodScheduled" && condition.status !== "True",
  );
  if (unscheduled?.message) return `is not scheduled: ${unscheduled.message}`;
  const waiting = pod.status?.containerStatuses
    ?.map((status) => status.state?.waiting)
    .find((state) => state?.message);
  return waiting ? `waits: ${waiting.reason}: ${waiting.message}` : `is ${pod.status?.phase ?? "new"}`;
}
