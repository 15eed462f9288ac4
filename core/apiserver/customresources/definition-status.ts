import {
  type CustomResourceDefinition,
  type CustomResourceDefinitionCondition,
  type CustomResourceDefinitionNames,
  type CustomResourceDefinitionStatus,
} from "../../api/index.ts";

type Condition = CustomResourceDefinitionCondition;

/** Names that others of the same group already have. */
export interface TakenNames {
  /** Plural, singular and short names are one space. */
  readonly resources: ReadonlySet<string>;
  /** Kinds and list kinds are another. */
  readonly kinds: ReadonlySet<string>;
}

/** What a definition's names and their neighbours say of it. @param now RFC 3339 */
export function namedStatus(
  { spec, status = {} }: CustomResourceDefinition,
  taken: TakenNames,
  now: string,
): CustomResourceDefinitionStatus {
  const { names } = spec;
  const accepted: CustomResourceDefinitionNames = { ...(status.acceptedNames ?? { plural: "", kind: "" }) };
  const conflicts: { reason: string; message: string }[] = [];
  const claim = (name: string, reason: string, space: ReadonlySet<string>, accept: () => void): void => {
    if (space.has(name)) conflicts.push({ reason, message: `${JSON.stringify(name)} is already in use` });
    else accept();
  };
  claim(names.plural, "PluralConflict", taken.resources, () => (accepted.plural = names.plural));
  const singular = names.singular ?? names.kind.toLowerCase();
  claim(singular, "SingularConflict", taken.resources, () => (accepted.singular = singular));
  const shortNames = names.shortNames ?? [];
  const used = shortNames.filter((name) => taken.resources.has(name));
  if (used.length > 0) {
    const told = used.map((name) => `${JSON.stringify(name)} is already in use`);
    const message = told.length === 1 ? told[0]! : `[${told.join(", ")}]`;
    conflicts.push({ reason: "ShortNamesConflict", message });
  } else if (shortNames.length > 0) accepted.shortNames = shortNames;
  else delete accepted.shortNames;
  claim(names.kind, "KindConflict", taken.kinds, () => (accepted.kind = names.kind));
  const listKind = names.listKind ?? `${names.kind}List`;
  claim(listKind, "ListKindConflict", taken.kinds, () => (accepted.listKind = listKind));
  if (names.categories?.length) accepted.categories = names.categories;
  else delete accepted.categories;
  return {
    ...status,
    acceptedNames: accepted,
    conditions: namesConditions(status.conditions ?? [], conflicts.at(-1), now),
  };
}

function namesConditions(
  before: readonly Condition[],
  conflict: { reason: string; message: string } | undefined,
  now: string,
): Condition[] {
  const named: Condition = conflict
    ? { type: "NamesAccepted", status: "False", ...conflict, lastTransitionTime: now }
    : {
        type: "NamesAccepted",
        status: "True",
        reason: "NoConflicts",
        message: "no conflicts found",
        lastTransitionTime: now,
      };
  const after = withCondition(before, named);
  // What was established once stays so: its objects are there.
  if (before.some(({ type, status }) => type === "Established" && status === "True")) return after;
  const established: Condition = conflict
    ? {
        type: "Established",
        status: "False",
        reason: "NotAccepted",
        message: "not all names are accepted",
        lastTransitionTime: now,
      }
    : {
        type: "Established",
        status: "True",
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
        lastTransitionTime: now,
      };
  return withCondition(after, established);
}

/** The conditions with one set; its time is kept when its status is the same. */
export function withCondition(before: readonly Condition[], condition: Condition): Condition[] {
  const old = before.find(({ type }) => type === condition.type);
  const kept = old?.status === condition.status ? { lastTransitionTime: old.lastTransitionTime! } : {};
  const set = { ...condition, ...kept };
  return old ? before.map((one) => (one === old ? set : one)) : [...before, set];
}

/** The names that the other definitions of the group have been given. */
export function takenNames(
  of: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
): TakenNames {
  const others = all.filter(
    (one) => one.spec.group === of.spec.group && one.metadata.uid !== of.metadata.uid,
  );
  const names = others.flatMap(({ status }) => (status?.acceptedNames ? [status.acceptedNames] : []));
  const filled = (list: (string | undefined)[]): Set<string> =>
    new Set(list.filter((name): name is string => name !== undefined && name !== ""));
  return {
    resources: filled(names.flatMap((one) => [one.plural, one.singular, ...(one.shortNames ?? [])])),
    kinds: filled(names.flatMap((one) => [one.kind, one.listKind])),
  };
}
