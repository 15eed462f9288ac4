import type { NodeInfo, PodInfo, Score } from "../model.ts";

const resources = ["cpu", "memory"];

/** Prefers nodes with more of their processors and memory left. */
export const leastAllocated: Score = {
  name: "least allocated",
  weight: 1,
  rate: (pod, nodes) =>
    nodes.map((node) => mean(resources.map((name) => 100 * (1 - Math.min(1, share(pod, node, name)))))),
};

/** Prefers nodes whose processors and memory would be used to the same degree. */
export const balancedAllocation: Score = {
  name: "balanced allocation",
  weight: 1,
  rate: (pod, nodes) =>
    nodes.map((node) => {
      const shares = resources.map((name) => Math.min(1, share(pod, node, name)));
      const middle = mean(shares);
      return 100 * (1 - Math.sqrt(mean(shares.map((one) => (one - middle) ** 2))));
    }),
};

/** How much of a node's resource is requested once the pod is there; 1 for a node without any. */
function share({ requests }: PodInfo, node: NodeInfo, name: string): number {
  const there = node.allocatable.get(name) ?? 0;
  return there === 0 ? 1 : ((node.requested.get(name) ?? 0) + (requests.get(name) ?? 0)) / there;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
