import type { PolicyRule } from "./rbac-types.ts";

const titles = {
  apiGroups: "APIGroups",
  resources: "Resources",
  nonResourceURLs: "NonResourceURLs",
  resourceNames: "ResourceNames",
  verbs: "Verbs",
} as const satisfies Partial<Record<keyof PolicyRule, string>>;

/** Rules of one verb each as kubectl users read them: the verbs on one resource together, in the order of the alphabet. */
export function shownRules(rules: readonly PolicyRule[]): string[] {
  const together = Map.groupBy(rules, ({ verbs, nonResourceURLs, ...what }) =>
    nonResourceURLs ? JSON.stringify([verbs, nonResourceURLs]) : JSON.stringify(what),
  );
  const compact = [...together.values()].map((same) => ({
    ...same[0]!,
    verbs: [...new Set(same.flatMap(({ verbs }) => verbs))],
  }));
  return [...new Set(compact.map(shown))].toSorted();
}

function shown(rule: PolicyRule): string {
  const parts = Object.entries(titles).flatMap(([member, title]) => {
    const values = rule[member as keyof typeof titles] ?? [];
    return values.length > 0 ? [`${title}:[${values.map((one) => JSON.stringify(one)).join(" ")}]`] : [];
  });
  return `{${parts.join(", ")}}`;
}
