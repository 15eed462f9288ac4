import type { CustomType } from "../customresources/custom-type.ts";

/** A kind as a row of data; a registry, discovery, printing and decoding need nothing else to serve it. */
export interface Kind {
  /** `""` is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural name in the URL. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly servedByDefault: boolean;
  /** Version written to the store; absent for kinds that are answered and never stored. */
  readonly storageVersion?: string;
  readonly storageVersionHash?: string;
  /** Name of its type in the schema: `apps.v1.Deployment`. */
  readonly type: string;
  readonly subresources: readonly Subresource[];
  readonly columns: readonly Column[];
  /** Of a kind that a CustomResourceDefinition made. */
  readonly custom?: CustomType;
}

export interface Subresource {
  readonly name: string;
  /** Kind of the request and answer bodies. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** Printer column; `priority` 0 is always shown, 1 with `-o wide`. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly priority: number;
  readonly description?: string;
  /** The field whose documentation describes it instead: `core.v1.PodStatus.podIP`. */
  readonly documentedBy?: string;
  /** Dotted path of the value; absent where the value is computed. */
  readonly path?: string;
  /** A JSON path instead, of a custom resource's column: `.spec.replicas`. */
  readonly jsonPath?: string;
}

/** `v1`, `apps/v1`. */
export function groupVersion({
  group,
  version,
}: {
  readonly group: string;
  readonly version: string;
}): string {
  return group === "" ? version : `${group}/${version}`;
}

/** Takes `apps/v1` apart; undefined for what is no group and version. */
export function parseGroupVersion(apiVersion: string): { group: string; version: string } | undefined {
  const parts = apiVersion.split("/");
  if (parts.length > 2 || parts.some((part) => part === "")) return undefined;
  return parts.length === 2 ? { group: parts[0]!, version: parts[1]! } : { group: "", version: parts[0]! };
}

export function hasSubresource(kind: Kind, name: string): boolean {
  return kind.subresources.some((subresource) => subresource.name === name);
}

/**
 * Where objects of this kind lie in the store: prefix + `namespace/name` or `name`. It names no version, since all versions of
 * a kind are one object; Events of both their groups are one kind, too.
 */
export function storagePrefix(kind: Kind): string {
  const group = kind.group === "" || kind.resource === "events" ? "core" : kind.group;
  return `/${group}/${kind.resource}/`;
}
