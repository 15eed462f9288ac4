import {
  deepCopy,
  deepEqual,
  isJsonObject,
  type JsonObject,
  ownMember,
  setMember,
} from "../json/json-value.ts";
import type { TypeLookup } from "../schema/type-schema.ts";
import { below, elementsOf, type FieldSet, isMember, noFields } from "./field-set.ts";
import { keyElement, type KeyedShape, type Member, membersOf } from "./field-shapes.ts";

/** The present object with everything the applied one says; what it does not say stays. */
export function mergeApplied(
  type: string,
  live: JsonObject,
  applied: JsonObject,
  types: TypeLookup,
): JsonObject {
  const merged = { ...live };
  const members = membersOf(type, types);
  for (const name of Object.keys(applied)) {
    const value = ownMember(applied, name);
    if (value === undefined) continue;
    setMember(merged, name, mergeValue(members.of(name), ownMember(live, name), value, types));
  }
  return merged;
}

function mergeValue({ shape }: Member, live: unknown, applied: unknown, types: TypeLookup): unknown {
  // Null takes from nobody what he has put into an object or a list.
  const isShared = shape.kind !== "whole" && typeof live === "object" && live !== null && !isEmpty(live);
  if (applied === null && isShared) return live;
  if (shape.kind === "object" && isJsonObject(applied))
    return mergeApplied(shape.type, isJsonObject(live) ? live : {}, applied, types);
  if (shape.kind === "map" && isJsonObject(applied)) {
    const merged = isJsonObject(live) ? { ...live } : {};
    for (const name of Object.keys(applied)) {
      const present = ownMember(merged, name);
      const value = ownMember(applied, name);
      setMember(merged, name, mergeValue(shape.element, present, value, types));
    }
    return merged;
  }
  if (!Array.isArray(applied)) return deepCopy(applied);
  const present = Array.isArray(live) ? (live as unknown[]) : [];
  if (shape.kind === "keyed") return mergeKeyed(shape, present, applied, types);
  if (shape.kind === "set") return mergeItems(present, applied, JSON.stringify, (_, item) => deepCopy(item));
  return deepCopy(applied);
}

function mergeKeyed(
  { type, keys, areWhole }: KeyedShape,
  live: readonly unknown[],
  applied: readonly unknown[],
  types: TypeLookup,
): unknown[] {
  const keyOf = (item: unknown): string => (isJsonObject(item) ? keyElement(keys, item) : "");
  return mergeItems(live, applied.filter(isJsonObject), keyOf, (present, item) =>
    isJsonObject(present) && !areWhole ? mergeApplied(type, present, item, types) : deepCopy(item),
  );
}

/** In the order in which they are applied; the others stay where they are, before what they stood before. */
function mergeItems<T>(
  live: readonly unknown[],
  applied: readonly T[],
  keyOf: (item: unknown) => string,
  merge: (present: unknown, item: T) => unknown,
): unknown[] {
  const present = new Map(live.map((item) => [keyOf(item), item]));
  const said = new Set(applied.map(keyOf));
  // Of those that both have, the one to come next, and all after it.
  const shared = [...said].filter((key) => present.has(key));
  const result: unknown[] = [];
  const left = live.map((item) => ({ item, key: keyOf(item) }));
  for (const item of applied) {
    const key = keyOf(item);
    while (left.length > 0 && left[0]!.key !== key) {
      const isSaid = said.has(left[0]!.key);
      // It has its turn yet, and what was not there before goes in front of it.
      if (isSaid && left[0]!.key === shared[0]) break;
      const { item: other } = left.shift()!;
      if (!isSaid) result.push(other);
    }
    if (left[0]?.key === key) left.shift();
    if (shared[0] === key) shared.shift();
    result.push(merge(present.get(key), item));
  }
  return [...result, ...left.filter((one) => !said.has(one.key)).map(({ item }) => item)];
}

/** What becomes of the fields that a writer no longer says. */
export interface Kept {
  /** Others own it, or the writer says it now. */
  readonly kept: FieldSet;
  /** The writer says it now. */
  readonly said: FieldSet;
}

/**
 * Takes fields out of an object that are not in those kept, and what has become empty around them: no map and no list is left
 * empty but one that the writer says is, or that somebody owns for itself. Changes the object.
 */
export function removeFields(object: JsonObject, fields: FieldSet, { kept, said }: Kept): void {
  for (const element of elementsOf(fields))
    removeAt(object, element, below(fields, element) ?? noFields, {
      kept: below(kept, element),
      said: below(said, element),
    });
}

function removeAt(
  container: JsonObject | unknown[],
  element: string,
  fields: FieldSet,
  { kept, said }: { readonly [Part in keyof Kept]: FieldSet | undefined },
): void {
  const name = element.slice(2);
  const at = Array.isArray(container) ? container.findIndex((item) => isItem(element, item)) : 0;
  if (at < 0) return;
  const value = Array.isArray(container) ? container[at] : ownMember(container, name);
  const goes = kept === undefined && isMember(fields);
  if (!goes) {
    if (typeof value !== "object" || value === null || isEmpty(value)) return;
    removeFields(value as JsonObject, fields, { kept: kept ?? noFields, said: said ?? noFields });
    // Somebody owns it for itself, though nothing is in it.
    if (!isEmpty(value) || said !== undefined || (kept && isMember(kept))) return;
  }
  if (Array.isArray(container)) container.splice(at, 1);
  else Reflect.deleteProperty(container, name);
}

function isItem(element: string, item: unknown): boolean {
  const wanted = JSON.parse(element.slice(2)) as unknown;
  if (element.startsWith("v:")) return deepEqual(item, wanted);
  if (!isJsonObject(item) || !isJsonObject(wanted)) return false;
  return Object.keys(wanted).every((name) => deepEqual(ownMember(item, name), wanted[name]));
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : isJsonObject(value) && Object.keys(value).length === 0;
}
