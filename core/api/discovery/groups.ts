import { groupPriority } from "./group-priorities.ts";
import type { Kind } from "../kinds/kind.ts";

export interface GroupKinds {
  readonly group: string;
  /** Best version first. */
  readonly versions: readonly { readonly version: string; readonly kinds: readonly Kind[] }[];
}

/** The kinds by group and version, groups in the order they are met. */
export function groupKinds(kinds: readonly Kind[]): readonly GroupKinds[] {
  const groups = new Map<string, Map<string, Kind[]>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, Kind[]>();
    groups.set(kind.group, versions);
    versions.set(kind.version, [...(versions.get(kind.version) ?? []), kind]);
  }
  const preferred = [...groups].toSorted(
    ([a], [b]) => groupPriority(b) - groupPriority(a) || (a < b ? -1 : 1),
  );
  return preferred.map(([group, versions]) => ({
    group,
    versions: [...versions]
      .map(([version, members]) => ({ version, kinds: members }))
      .toSorted((a, b) => compareVersions(a.version, b.version)),
  }));
}

const pattern = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/** Orders versions as clients prefer them: v2, v1, v1beta2, v1beta1, v1alpha1; other names last, by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [pattern.exec(a), pattern.exec(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  const stability = (match: RegExpExecArray): number =>
    match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0;
  return (
    stability(right) - stability(left) ||
    Number(right[1]) - Number(left[1]) ||
    Number(right[3] ?? 0) - Number(left[3] ?? 0)
  );
}
