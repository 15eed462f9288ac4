import { deepCopy, type JsonObject } from "../json/json-value.ts";
import { type TypeLookup, typeSchema } from "../schema/type-schema.ts";
import { changedFields, claimedFields, compareFields } from "./compare-fields.ts";
import {
  type FieldSet,
  fieldSetOf,
  intersection,
  isNothing,
  noFields,
  pathsIn,
  union,
  without,
} from "./field-set.ts";
import { inheritedFields, renewLastApplied } from "./last-applied.ts";
import { mergeApplied, removeFields } from "./merge-applied.ts";

/** An entry of metadata.managedFields. */
export interface ManagedFieldsEntry {
  manager: string;
  operation: "Apply" | "Update";
  apiVersion: string;
  time?: string;
  fieldsType: "FieldsV1";
  fieldsV1: JsonObject;
  subresource?: string;
}

/** Who writes, and through what. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** RFC 3339. */
  readonly time: string;
}

/** Somebody else holds another value for the field. */
export interface FieldConflict {
  readonly path: readonly string[];
  readonly owner: ManagedFieldsEntry;
}

export interface Applied {
  readonly object: JsonObject;
  readonly managedFields: ManagedFieldsEntry[];
  /** Not empty: nothing may be written, unless it was forced. */
  readonly conflicts: readonly FieldConflict[];
}

/** A write, and what is known of the owners before it. */
export interface Write {
  readonly type: string;
  /** Where the type and those in it are found; the built-in ones by default. */
  readonly types?: TypeLookup;
  /** As the object had them, or as the writer says. */
  readonly managedFields: readonly ManagedFieldsEntry[] | undefined;
  readonly writer: Writer;
  /** Members of the object that a write of this kind leaves as they were, whatever the writer says. */
  readonly untouched?: (member: string) => boolean;
}

/** Owner of everything in an object of which nobody was tracked before somebody applied something to it. */
const firstManager = "before-first-apply";
/** Owner of what so many wrote that they are no longer told apart. */
const oldManagers = "ancient-changes";
const mostUpdaters = 10;

/**
 * Server-side apply: the object that results when a writer says what he wants, who owns what afterwards, and where he
 * and others disagree. Fields that he applied before and no longer says are taken away, unless others own them too.
 */
export function applyFields(
  options: Write & { live: JsonObject; applied: JsonObject; force: boolean },
): Applied {
  const { type, live, applied, writer, force, types = typeSchema, untouched } = options;
  const owners = ownersBefore(options);
  const mine = owners.find((entry) => isOf(entry, "Apply", writer));
  const others = owners.filter((entry) => entry !== mine);
  const wanted = touched(claimedFields(type, applied, types), untouched);
  const object = deepCopy(mergeApplied(type, live, applied, types));
  if (mine) {
    const kept = others.reduce((sum, { fieldsV1 }) => union(sum, fieldSetOf(fieldsV1)), wanted);
    removeFields(object, fieldSetOf(mine.fieldsV1), { kept, said: wanted });
  }
  const { changed, removed } = compareFields(type, live, object, types);
  const real = touched(changed, untouched);
  const disputed = without(real, inheritedFields(type, live, writer.manager, types));
  const conflicts = others.flatMap((owner) =>
    [...pathsIn(intersection(fieldSetOf(owner.fieldsV1), disputed))].map((path) => ({ path, owner })),
  );
  renewLastApplied(object, applied, writer.manager);
  // Who changes nothing is no newer than he was, and has no time of his own when he was not there.
  const isSame = isNothing(changed) && isNothing(removed);
  const entry = entryOf("Apply", isSame ? { ...writer, time: mine?.time } : writer, wanted);
  return {
    object,
    managedFields: inOrder([
      ...others.flatMap((owner) => leftOf(owner, union(real, removed))),
      ...(isNothing(wanted) ? [] : [entry]),
    ]),
    conflicts: force ? [] : conflicts,
  };
}

/** Who owns what after a plain write: the writer owns what he changed, and others lose what he changed or removed. */
export function trackUpdate(
  options: Write & { before: JsonObject; after: JsonObject },
): ManagedFieldsEntry[] {
  const { type, before, after, managedFields = [], writer, types = typeSchema, untouched } = options;
  if (managedFields.length === 0) {
    const first = touched(changedFields(type, before, after, types), untouched);
    return isNothing(first) ? [] : [entryOf("Update", writer, first)];
  }
  const { changed, removed } = compareFields(type, before, after, types);
  const real = touched(changed, untouched);
  const isMine = (entry: ManagedFieldsEntry): boolean => isOf(entry, "Update", writer);
  const mine = managedFields.find(isMine);
  const others = managedFields
    .filter((entry) => !isMine(entry))
    .flatMap((entry) => leftOf(entry, union(real, removed)));
  if (isNothing(real)) return inOrder([...others, ...(mine ? leftOf(mine, removed) : [])]);
  const kept = mine ? without(fieldSetOf(mine.fieldsV1), removed) : noFields;
  return inOrder(joinOldest([...others, entryOf("Update", writer, union(kept, real))]));
}

function touched(fields: FieldSet, untouched: ((member: string) => boolean) | undefined): FieldSet {
  if (!untouched) return fields;
  const left = Object.entries(fields).filter(([element]) => !untouched(element.slice(2)));
  return Object.fromEntries(left);
}

/** Of an object of which nobody was tracked, its makers are one. */
function ownersBefore(options: Write & { live: JsonObject }): readonly ManagedFieldsEntry[] {
  const { managedFields, live, writer } = options;
  if (managedFields?.length) return managedFields;
  const first = { ...writer, manager: firstManager, subresource: "" };
  return trackUpdate({ ...options, before: {}, after: live, writer: first });
}

/** What an owner keeps; no entry when that is nothing. */
function leftOf(entry: ManagedFieldsEntry, lost: FieldSet): ManagedFieldsEntry[] {
  const fields = fieldSetOf(entry.fieldsV1);
  if (isNothing(intersection(fields, lost))) return isNothing(fields) ? [] : [entry];
  const fieldsV1 = without(fields, lost);
  return isNothing(fieldsV1) ? [] : [{ ...entry, fieldsV1 }];
}

/** Those who wrote longest ago become one for each version of the API, so that the list ends. */
function joinOldest(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  const updaters = entries.filter(({ operation }) => operation === "Update");
  if (updaters.length <= mostUpdaters) return [...entries];
  const oldest = inOrder(updaters).slice(0, updaters.length - mostUpdaters + 1);
  const joined = new Map<string, ManagedFieldsEntry>();
  for (const entry of oldest) {
    const known = joined.get(entry.apiVersion);
    const fieldsV1 = union(fieldSetOf(known?.fieldsV1), fieldSetOf(entry.fieldsV1));
    const { subresource: _, ...rest } = entry;
    joined.set(entry.apiVersion, { ...rest, manager: oldManagers, fieldsV1 });
  }
  return [...entries.filter((entry) => !oldest.includes(entry)), ...joined.values()];
}

/** Appliers first, then by time and name. */
function inOrder(entries: readonly ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  if (entries.length < 2) return [...entries];
  const rank = ({
    operation,
    time = "",
    manager,
    apiVersion,
    subresource = "",
  }: ManagedFieldsEntry): string[] => [operation, time, manager, apiVersion, subresource];
  return entries.toSorted((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((one, index) => one !== right[index]);
    return at < 0 ? 0 : left[at]! < right[at]! ? -1 : 1;
  });
}

function entryOf(
  operation: ManagedFieldsEntry["operation"],
  { manager, apiVersion, subresource, time }: Omit<Writer, "time"> & { readonly time: string | undefined },
  fieldsV1: FieldSet,
): ManagedFieldsEntry {
  const at = subresource === "" ? {} : { subresource };
  const when = time === undefined ? {} : { time };
  return { manager, operation, apiVersion, ...when, fieldsType: "FieldsV1", fieldsV1, ...at };
}

/** An applier is one in every version of the API. */
function isOf(
  entry: ManagedFieldsEntry,
  operation: ManagedFieldsEntry["operation"],
  { manager, apiVersion, subresource }: Writer,
): boolean {
  const at = entry.subresource ?? "";
  return (
    entry.operation === operation &&
    entry.manager === manager &&
    at === subresource &&
    (operation === "Apply" || entry.apiVersion === apiVersion)
  );
}
