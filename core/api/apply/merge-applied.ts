import {
  deepCopy,
  deepEqual,
  isJsonObject,
  type JsonObject,
  ownMember,
  setMember,
} from "../json/json-value.ts";
import type { FieldSchema, TypeLookup } from "../schema/type-schema.ts";
import { elementField, elementsOf, keyElement, membersOf, type Shape, shapeOf } from "./field-paths.ts";

/** The present object with everything the applied one says; what it does not say stays. */
export function mergeApplied(
  type: string,
  live: JsonObject,
  applied: JsonObject,
  types: TypeLookup,
): JsonObject {
  const merged = { ...live };
  const fieldOf = membersOf(type, types);
  for (const name of Object.keys(applied)) {
    const value = ownMember(applied, name);
    if (value === undefined || value === null) continue;
    setMember(merged, name, mergeValue(fieldOf(name), ownMember(live, name), value, types));
  }
  return merged;
}

function mergeValue(
  field: FieldSchema | undefined,
  live: unknown,
  applied: unknown,
  types: TypeLookup,
): unknown {
  const shape = shapeOf(field, types);
  if (shape.kind === "object" && isJsonObject(applied))
    return mergeApplied(shape.type, isJsonObject(live) ? live : {}, applied, types);
  if (shape.kind === "map" && isJsonObject(applied)) {
    const merged = isJsonObject(live) ? { ...live } : {};
    for (const name of Object.keys(applied)) {
      const present = ownMember(merged, name);
      const value = ownMember(applied, name);
      setMember(merged, name, mergeValue(elementField(shape.type), present, value, types));
    }
    return merged;
  }
  if (!Array.isArray(applied)) return deepCopy(applied);
  const present = Array.isArray(live) ? (live as unknown[]) : [];
  if (shape.kind === "keyed") return mergeKeyed(shape, present, applied, types);
  if (shape.kind === "set")
    return [...present, ...applied.filter((item) => !present.some((other) => deepEqual(item, other)))];
  return deepCopy(applied);
}

function mergeKeyed(
  { type, keys }: Extract<Shape, { kind: "keyed" }>,
  live: readonly unknown[],
  applied: readonly unknown[],
  types: TypeLookup,
): unknown[] {
  const merged = [...live];
  for (const item of applied) {
    if (!isJsonObject(item)) continue;
    const key = keyElement(type, keys, item, types);
    const at = merged.findIndex(
      (other) => isJsonObject(other) && keyElement(type, keys, other, types) === key,
    );
    if (at < 0) merged.push(deepCopy(item));
    else merged[at] = mergeApplied(type, merged[at] as JsonObject, item, types);
  }
  return merged;
}

/** Takes one field out of an object, and what has become empty around it. Changes the object. */
export function removeField(object: JsonObject, path: string): void {
  removeAt(object, elementsOf(path));
}

function removeAt(container: unknown, [element = "", ...rest]: readonly string[]): void {
  if (Array.isArray(container)) {
    const at = container.findIndex((item) => isItem(element, item));
    if (at < 0) return;
    if (rest.length === 0) container.splice(at, 1);
    else removeAt(container[at], rest);
    return;
  }
  if (!isJsonObject(container)) return;
  const name = element.slice(2);
  const value = ownMember(container, name);
  if (rest.length > 0) removeAt(value, rest);
  if (rest.length === 0 || isEmpty(value)) Reflect.deleteProperty(container, name);
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
