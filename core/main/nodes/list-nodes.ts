import { drainedAnnotation, type Node, type Pod, type PluginInstance } from "../../api/index.ts";

export interface NodeRow {
  readonly name: string;
  /** "Ready", "NotReady,SchedulingDisabled", "NotReady,Drained". */
  readonly state: string;
  readonly pods: number;
  /** "4/5": ready ones of all. */
  readonly plugins: string;
  readonly version: string | undefined;
  readonly reason: string;
}

export const nodeColumns = ["name", "state", "pods", "plugins", "version", "reason"] as const;

export function nodeRows(
  nodes: readonly Node[],
  pods: readonly Pod[],
  instances: readonly PluginInstance[],
): NodeRow[] {
  return nodes
    .map((node) => {
      const name = node.metadata?.name ?? "";
      const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
      const own = instances.filter(({ spec }) => spec.nodeName === name);
      const serving = own.filter(({ status }) => status?.state === "ready");
      return {
        name,
        state: [ready?.status === "True" ? "Ready" : "NotReady", ...schedulingOf(node)].join(","),
        pods: pods.filter(({ spec }) => spec?.nodeName === name).length,
        plugins: `${serving.length}/${own.length}`,
        version: node.status?.nodeInfo?.kubeletVersion,
        reason: ready?.status === "True" ? "" : (ready?.message ?? "it has not said how it is"),
      };
    })
    .toSorted((a, b) => a.name.localeCompare(b.name));
}

function schedulingOf({ metadata, spec }: Node): string[] {
  if (!spec?.unschedulable) return [];
  return [metadata?.annotations?.[drainedAnnotation] === undefined ? "SchedulingDisabled" : "Drained"];
}
