import { deepCopy, deepEqual, type JsonObject } from "../json/json-value.ts";
import { type TypeLookup, typeSchema } from "../schema/type-schema.ts";
import { type Fields, fieldsOf, isBelow } from "./field-paths.ts";
import { fromFieldsV1, toFieldsV1 } from "./fields-v1.ts";
import { mergeApplied, removeField } from "./merge-applied.ts";

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
  readonly path: string;
  readonly owner: ManagedFieldsEntry;
}

export interface Applied {
  readonly object: JsonObject;
  readonly managedFields: ManagedFieldsEntry[];
  /** Not empty: nothing may be written, unless it was forced. */
  readonly conflicts: readonly FieldConflict[];
}

/** Owner of everything an object held before anybody applied anything to it. */
const firstManager = "before-first-apply";

interface Owner {
  readonly entry: ManagedFieldsEntry;
  readonly paths: Set<string>;
}

/**
 * Server-side apply: the object that results when a writer says what he wants, who owns what afterwards, and where he
 * and others disagree. Fields that he applied before and no longer says are taken away, unless others own them too.
 */
export function applyFields(options: {
  type: string;
  /** Where the type and those in it are found; the built-in ones by default. */
  types?: TypeLookup;
  live: JsonObject;
  applied: JsonObject;
  managedFields: readonly ManagedFieldsEntry[] | undefined;
  writer: Writer;
  force: boolean;
}): Applied {
  const { type, live, applied, writer, force, types = typeSchema } = options;
  const present = fieldsOf(type, live, types);
  const owners = ownersOf(present, options.managedFields, writer);
  const mine = owners.find(({ entry }) => isSame(entry, "Apply", writer));
  const others = owners.filter((owner) => owner !== mine);
  const wanted = fieldsOf(type, applied, types);
  const conflicts: FieldConflict[] = [];
  for (const [path, value] of wanted) {
    if (agrees(present, path, value)) continue;
    for (const { entry, paths } of others) {
      const touched = [...paths].filter(
        (other) => other === path || isBelow(path, other) || isBelow(other, path),
      );
      const real = touched.filter((other) => !other.slice(other.lastIndexOf("\n") + 1).startsWith("k:"));
      if (real.length === 0) continue;
      conflicts.push({ path, owner: entry });
      if (force) for (const other of real) paths.delete(other);
    }
  }
  const object = deepCopy(mergeApplied(type, live, applied, types));
  for (const path of mine?.paths ?? []) {
    const kept = wanted.has(path) || [...wanted.keys()].some((other) => isBelow(other, path));
    const shared = others.some(
      ({ paths }) => paths.has(path) || [...paths].some((other) => isBelow(other, path)),
    );
    if (!kept && !shared) removeField(object, path);
  }
  const entry = entryOf("Apply", writer, wanted.keys());
  const own = mine && sameFields(mine.entry, entry) ? mine.entry : entry;
  return {
    object,
    // In their order, so that an apply that changes nothing makes the same list.
    managedFields: mine
      ? owners.flatMap((owner) => (owner === mine ? own : entriesOf([owner])))
      : [...entriesOf(owners), own],
    conflicts: force ? [] : conflicts,
  };
}

/**
 * Who owns what after a plain write: the writer owns what he changed, and others lose what he changed or removed.
 * @returns undefined when nobody ever applied anything to the object: then nothing is tracked
 */
export function trackUpdate(options: {
  type: string;
  types?: TypeLookup;
  before: JsonObject;
  after: JsonObject;
  /** As the object had them, or as the writer says. */
  managedFields: readonly ManagedFieldsEntry[] | undefined;
  writer: Writer;
}): ManagedFieldsEntry[] | undefined {
  const { type, before, after, managedFields, writer, types = typeSchema } = options;
  if (!managedFields?.length) return undefined;
  const old = fieldsOf(type, before, types);
  const now = fieldsOf(type, after, types);
  const changed = [...now].filter(([path, value]) => !agrees(old, path, value)).map(([path]) => path);
  const gone = [...old.keys()].filter((path) => !now.has(path));
  // A caller may have said who owns what; of what is not there nobody owns anything.
  const owners = managedFields.map((entry): Owner => ({
    entry,
    paths: new Set([...fromFieldsV1(entry.fieldsV1)].filter((path) => now.has(path))),
  }));
  if (changed.length === 0 && gone.length === 0) return entriesOf(owners);
  const mine = owners.find(({ entry }) => isSame(entry, "Update", writer));
  for (const owner of owners) {
    if (owner !== mine) for (const path of changed) owner.paths.delete(path);
  }
  const paths = new Set([...(mine?.paths ?? []), ...changed]);
  const others = entriesOf(owners.filter((owner) => owner !== mine));
  return paths.size === 0 ? others : [...others, entryOf("Update", writer, paths)];
}

function agrees(fields: Fields, path: string, value: unknown): boolean {
  return fields.has(path) && deepEqual(fields.get(path), value);
}

function ownersOf(
  present: Fields,
  managedFields: readonly ManagedFieldsEntry[] | undefined,
  writer: Writer,
): Owner[] {
  if (managedFields?.length)
    return managedFields.map((entry) => ({ entry, paths: fromFieldsV1(entry.fieldsV1) }));
  const paths = new Set(present.keys());
  if (paths.size === 0) return [];
  const first = { ...writer, manager: firstManager, subresource: "" };
  return [{ entry: entryOf("Update", first, paths), paths }];
}

/** Entries of owners, those without anything left out. */
function entriesOf(owners: readonly Owner[]): ManagedFieldsEntry[] {
  return owners
    .filter(({ paths }) => paths.size > 0)
    .map(({ entry, paths }) => {
      const fieldsV1 = toFieldsV1(paths);
      return deepEqual(fieldsV1, entry.fieldsV1) ? entry : { ...entry, fieldsV1 };
    });
}

function entryOf(
  operation: ManagedFieldsEntry["operation"],
  { manager, apiVersion, subresource, time }: Writer,
  paths: Iterable<string>,
): ManagedFieldsEntry {
  return {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: "FieldsV1",
    fieldsV1: toFieldsV1(paths),
    ...(subresource === "" ? {} : { subresource }),
  };
}

function isSame(
  entry: ManagedFieldsEntry,
  operation: ManagedFieldsEntry["operation"],
  { manager, subresource }: Writer,
): boolean {
  const at = entry.subresource ?? "";
  return entry.operation === operation && entry.manager === manager && at === subresource;
}

function sameFields(a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean {
  return a.apiVersion === b.apiVersion && deepEqual(a.fieldsV1, b.fieldsV1);
}
