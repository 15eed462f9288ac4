import type { Node, NodeSelector, NodeSelectorTerm } from "../generated/types.ts";
import { matchesLabels, type Requirement } from "../selectors/requirement.ts";

/** Whether one of the terms holds for a node; within a term all expressions must. No terms match nothing. */
export function matchesNodeSelector(selector: NodeSelector, node: Node): boolean {
  return (selector.nodeSelectorTerms ?? []).some((term) => matchesNodeTerm(term, node));
}

/** Whether every expression of a term holds for a node; an empty term holds for none. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  return (
    matchesLabels(matchExpressions.map(requirement), node.metadata.labels) &&
    matchesLabels(matchFields.map(requirement), { "metadata.name": node.metadata.name })
  );
}

function requirement(expression: {
  key: string;
  operator: Requirement["operator"];
  values?: string[];
}): Requirement {
  return { key: expression.key, operator: expression.operator, values: expression.values ?? [] };
}
