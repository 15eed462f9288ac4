import type { PluginSet } from "./types.ts";

/** The one in force first: the highest revision was applied last; of equals, and before any was applied, the oldest. */
export function inPrecedence(sets: readonly PluginSet[]): PluginSet[] {
  const age = ({ metadata }: PluginSet): string =>
    `${metadata.creationTimestamp ?? ""} ${metadata.name ?? ""}`;
  return sets
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => (b.spec.revision ?? 0) - (a.spec.revision ?? 0) || (age(a) < age(b) ? -1 : 1));
}
