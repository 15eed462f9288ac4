import type { Cluster, NodeInfo, PodInfo, Refusal } from "./model.ts";
import type { SchedulingPlugins } from "./plugins.ts";

export type Decision =
  | { readonly node: NodeInfo }
  | {
      readonly node: undefined;
      /** `0/1 nodes are available: 1 Insufficient nvidia.com/gpu.` */
      readonly message: string;
      /** Names of what refused; a change that concerns none of them is not worth another try. */
      readonly refusedBy: ReadonlySet<string>;
    };

/** One scheduling decision: conditions on the pod, then filters on each node, then ratings of those left. */
export function decide(pod: PodInfo, cluster: Cluster, plugins: SchedulingPlugins): Decision {
  const all = cluster.nodes.length;
  for (const precondition of plugins.preconditions) {
    const sentence = precondition.check(pod, cluster);
    if (sentence === undefined) continue;
    return {
      node: undefined,
      message: `0/${all} nodes are available: ${sentence}.`,
      refusedBy: new Set([precondition.name]),
    };
  }
  if (all === 0) {
    const message = "no nodes are available to schedule pods.";
    return { node: undefined, message, refusedBy: new Set(plugins.filters.map(({ name }) => name)) };
  }
  const fitting: NodeInfo[] = [];
  const refusals: Refusal[][] = [];
  const refusedBy = new Set<string>();
  for (const node of cluster.nodes) {
    const refusal = firstRefusal(pod, node, cluster, plugins);
    if (!refusal) {
      fitting.push(node);
      continue;
    }
    refusals.push([...refusal.refusals]);
    refusedBy.add(refusal.filter);
  }
  const node = best(pod, fitting, cluster, plugins);
  if (node) return { node };
  return { node: undefined, message: unavailable(all, refusals), refusedBy };
}

/** Numbers come first, so that equal reasons of many nodes make one part; the most frequent first. */
export function unavailable(nodes: number, refusals: readonly (readonly Refusal[])[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of refusals.flat()) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const parts = [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .map(([reason, count]) => `${count} ${reason}`);
  return `0/${nodes} nodes are available: ${parts.join(", ")}.`;
}

function firstRefusal(
  pod: PodInfo,
  node: NodeInfo,
  cluster: Cluster,
  { filters }: SchedulingPlugins,
): { filter: string; refusals: readonly Refusal[] } | undefined {
  for (const filter of filters) {
    const refusals = filter.check(pod, node, cluster);
    if (refusals) return { filter: filter.name, refusals };
  }
  return undefined;
}

function best(
  pod: PodInfo,
  nodes: readonly NodeInfo[],
  cluster: Cluster,
  { scores }: SchedulingPlugins,
): NodeInfo | undefined {
  if (nodes.length <= 1) return nodes[0];
  const sums = nodes.map(() => 0);
  for (const score of scores) {
    for (const [index, rating] of score.rate(pod, nodes, cluster).entries()) {
      sums[index]! += score.weight * rating;
    }
  }
  return nodes[sums.indexOf(Math.max(...sums))];
}
