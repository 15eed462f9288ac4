import type { Pod, TopologySpreadConstraint } from "../api/index.ts";
import { labelSelectorQuery } from "../api/selectors/label-selector.ts";
import { matchesLabels } from "../api/selectors/requirement.ts";
import { untoleratedTaint } from "../api/scheduling/tolerations.ts";
import { nodeAffinity } from "./filters/node-affinity.ts";
import type { Cluster, NodeInfo, PodInfo } from "./model.ts";

/** How many pods a constraint counts in each domain that is eligible for a pod. */
export function countsByDomain(
  constraint: TopologySpreadConstraint,
  info: PodInfo,
  cluster: Cluster,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const node of cluster.nodes) {
    const domain = node.node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined || !isEligible(constraint, info, node, cluster)) continue;
    const here = [...node.pods.values()].filter(({ pod }) => isCounted(constraint, info.pod, pod)).length;
    counts.set(domain, (counts.get(domain) ?? 0) + here);
  }
  return counts;
}

/** Whether the constraint counts a pod, `owner` being the one it belongs to. */
export function isCounted(constraint: TopologySpreadConstraint, owner: Pod, pod: Pod): boolean {
  if (pod.metadata.namespace !== owner.metadata.namespace || pod.metadata.deletionTimestamp) return false;
  const labels = pod.metadata.labels ?? {};
  return (
    matchesLabels(labelSelectorQuery(constraint.labelSelector), labels) &&
    (constraint.matchLabelKeys ?? []).every((key) => labels[key] === owner.metadata.labels?.[key])
  );
}

function isEligible(
  constraint: TopologySpreadConstraint,
  info: PodInfo,
  node: NodeInfo,
  cluster: Cluster,
): boolean {
  if (constraint.nodeAffinityPolicy !== "Ignore" && nodeAffinity.check(info, node, cluster)) return false;
  if (constraint.nodeTaintsPolicy !== "Honor") return true;
  const { taints } = node.node.spec ?? {};
  return !untoleratedTaint(taints, info.pod.spec.tolerations, ["NoSchedule", "NoExecute"]);
}
