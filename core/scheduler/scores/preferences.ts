import type { PodAffinityTerm, WeightedPodAffinityTerm } from "../../api/index.ts";
import { matchesNodeTerm } from "../../api/scheduling/node-selector.ts";
import { untoleratedTaint } from "../../api/scheduling/tolerations.ts";
import { affinityTermMatches } from "../affinity-terms.ts";
import type { Cluster, NodeInfo, PodInfo, Score } from "../model.ts";
import { countsByDomain } from "../spread.ts";

/** What a pod would rather have: nodes by label. */
export const preferredNodes: Score = {
  name: "preferred nodes",
  weight: 2,
  rate({ pod }, nodes) {
    const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return highestFirst(
      nodes.map(({ node }) =>
        terms.reduce(
          (sum, { weight, preference }) => sum + (matchesNodeTerm(preference, node) ? weight : 0),
          0,
        ),
      ),
    );
  },
};

/** Avoids nodes with PreferNoSchedule taints that the pod does not tolerate. */
export const preferredTaints: Score = {
  name: "preferred taints",
  weight: 3,
  rate: ({ pod }, nodes) =>
    lowestFirst(
      nodes.map(
        ({ node }) =>
          (node.spec?.taints ?? []).filter((taint) =>
            untoleratedTaint([taint], pod.spec.tolerations, ["PreferNoSchedule"]),
          ).length,
      ),
    ),
};

/** What a pod would rather be near to or away from. */
export const preferredNeighbours: Score = {
  name: "preferred neighbours",
  weight: 2,
  rate({ pod }, nodes, cluster) {
    const near = pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const away = pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    const weigh = (terms: readonly WeightedPodAffinityTerm[], node: NodeInfo): number =>
      terms.reduce(
        (sum, { weight, podAffinityTerm }) =>
          sum + weight * neighbours(podAffinityTerm, { pod }, node, cluster),
        0,
      );
    return highestFirst(nodes.map((node) => weigh(near, node) - weigh(away, node)));
  },
};

/** Spreads pods over the domains of their ScheduleAnyway constraints, and else over nodes. */
export const spreading: Score = {
  name: "spreading",
  weight: 2,
  rate(info, nodes, cluster) {
    const labels = info.pod.metadata.labels;
    const own = info.pod.spec.topologySpreadConstraints?.filter(
      ({ whenUnsatisfiable }) => whenUnsatisfiable === "ScheduleAnyway",
    );
    const constraints =
      own && own.length > 0
        ? own
        : labels && info.pod.metadata.ownerReferences
          ? [
              {
                maxSkew: 1,
                topologyKey: "kubernetes.io/hostname",
                whenUnsatisfiable: "ScheduleAnyway" as const,
                labelSelector: { matchLabels: labels },
              },
            ]
          : [];
    const counts = constraints.map((constraint) => countsByDomain(constraint, info, cluster));
    return lowestFirst(
      nodes.map(({ node }) =>
        constraints.reduce((sum, { topologyKey }, index) => {
          const domain = node.metadata.labels?.[topologyKey];
          return sum + (domain === undefined ? 0 : (counts[index]!.get(domain) ?? 0));
        }, 0),
      ),
    );
  },
};

function neighbours(
  term: PodAffinityTerm,
  { pod }: Pick<PodInfo, "pod">,
  node: NodeInfo,
  cluster: Cluster,
): number {
  const domain = node.node.metadata.labels?.[term.topologyKey];
  if (domain === undefined) return 0;
  return cluster.nodes
    .filter((other) => other.node.metadata.labels?.[term.topologyKey] === domain)
    .flatMap((other) => [...other.pods.values()])
    .filter((other) => affinityTermMatches(term, pod, other.pod, cluster)).length;
}

/** Stretches numbers to ratings, the greatest being 100; equal numbers rate alike. */
function highestFirst(values: readonly number[]): number[] {
  const low = Math.min(...values);
  const high = Math.max(...values);
  return values.map((value) => (high === low ? 100 : (100 * (value - low)) / (high - low)));
}

function lowestFirst(values: readonly number[]): number[] {
  return highestFirst(values.map((value) => -value));
}
