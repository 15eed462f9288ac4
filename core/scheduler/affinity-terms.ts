import { labelSelectorQuery } from "../api/selectors/label-selector.ts";
import { matchesLabels } from "../api/selectors/requirement.ts";
import type { Pod, PodAffinityTerm } from "../api/index.ts";
import type { Cluster } from "./model.ts";

/** Whether a term of `owner` speaks of `other`: by namespace and labels. */
export function affinityTermMatches(
  term: PodAffinityTerm,
  owner: Pod,
  other: Pod,
  cluster: Cluster,
): boolean {
  if (!inNamespaces(term, owner, other.metadata.namespace ?? "", cluster)) return false;
  const labels = other.metadata.labels ?? {};
  if (!matchesLabels(labelSelectorQuery(term.labelSelector), labels)) return false;
  const own = owner.metadata.labels ?? {};
  return (
    (term.matchLabelKeys ?? []).every((key) => own[key] === undefined || labels[key] === own[key]) &&
    (term.mismatchLabelKeys ?? []).every((key) => own[key] === undefined || labels[key] !== own[key])
  );
}

/** Without any choice of namespaces a term speaks of its owner's own. */
function inNamespaces(term: PodAffinityTerm, owner: Pod, namespace: string, cluster: Cluster): boolean {
  const { namespaces = [], namespaceSelector } = term;
  if (namespaces.includes(namespace)) return true;
  if (namespaceSelector) {
    return matchesLabels(labelSelectorQuery(namespaceSelector), cluster.namespaceLabels(namespace));
  }
  return namespaces.length === 0 && namespace === owner.metadata.namespace;
}
