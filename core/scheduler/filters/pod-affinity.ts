import type { Pod, PodAffinityTerm } from "../../api/index.ts";
import type { Cluster, Filter, NodeInfo, PodInfo } from "../model.ts";
import { affinityTermMatches } from "../affinity-terms.ts";

/** Holds a pod to its own required affinity and anti-affinity, and to the anti-affinity of pods already there. */
export const podAffinity: Filter = {
  name: "pod affinity",
  wakesOn: new Set(["node", "podGone", "podPlaced"]),
  check(info, node, cluster) {
    if (violatesAntiAffinity(info, node, cluster)) {
      return [{ reason: "node(s) didn't match pod anti-affinity rules" }];
    }
    if (violatesOthersAntiAffinity(info, node, cluster)) {
      return [{ reason: "node(s) didn't satisfy existing pods anti-affinity rules" }];
    }
    return meetsAffinity(info, node, cluster)
      ? undefined
      : [{ reason: "node(s) didn't match pod affinity rules" }];
  },
};

function required(pod: Pod, kind: "podAffinity" | "podAntiAffinity"): readonly PodAffinityTerm[] {
  return pod.spec.affinity?.[kind]?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
}

function violatesAntiAffinity({ pod }: PodInfo, node: NodeInfo, cluster: Cluster): boolean {
  return required(pod, "podAntiAffinity").some((term) =>
    podsInDomain(term, node, cluster).some((other) => affinityTermMatches(term, pod, other, cluster)),
  );
}

function violatesOthersAntiAffinity({ pod }: PodInfo, node: NodeInfo, cluster: Cluster): boolean {
  return cluster.nodes.some((where) =>
    [...where.pods.values()].some((other) =>
      required(other.pod, "podAntiAffinity").some(
        (term) => sameDomain(term, node, where) && affinityTermMatches(term, other.pod, pod, cluster),
      ),
    ),
  );
}

/** The first pod of a group that wants to be together may go anywhere it could be joined by the others. */
function meetsAffinity({ pod }: PodInfo, node: NodeInfo, cluster: Cluster): boolean {
  return required(pod, "podAffinity").every((term) => {
    if (node.node.metadata.labels?.[term.topologyKey] === undefined) return false;
    if (podsInDomain(term, node, cluster).some((other) => affinityTermMatches(term, pod, other, cluster))) {
      return true;
    }
    return affinityTermMatches(term, pod, pod, cluster) && !isAnywhere(term, pod, cluster);
  });
}

function isAnywhere(term: PodAffinityTerm, pod: Pod, cluster: Cluster): boolean {
  return cluster.nodes.some((node) =>
    [...node.pods.values()].some((other) => affinityTermMatches(term, pod, other.pod, cluster)),
  );
}

function podsInDomain(term: PodAffinityTerm, node: NodeInfo, cluster: Cluster): Pod[] {
  return cluster.nodes
    .filter((other) => sameDomain(term, node, other))
    .flatMap((other) => [...other.pods.values()].map(({ pod }) => pod));
}

function sameDomain({ topologyKey }: PodAffinityTerm, a: NodeInfo, b: NodeInfo): boolean {
  const value = a.node.metadata.labels?.[topologyKey];
  return value !== undefined && value === b.node.metadata.labels?.[topologyKey];
}
