import { isJsonObject, type JsonObject, ownMember, setMember } from "../json/json-value.ts";
import { elementType, type FieldSchema, type TypeLookup, typeSchema } from "../schema/type-schema.ts";

/**
 * Fields of an object by path, with their values. A path is a list of elements in the notation of managedFields:
 * `f:name` for a member, `k:{"name":"web"}` for an item of a list with keys, `v:"x"` for an item of a set. What one
 * writer owns as a whole is one field, whatever is in it.
 */
export type Fields = ReadonlyMap<string, unknown>;

/** No element has a line break: JSON writes it as an escape, and names have none. */
const separator = "\n";

export function pathOf(elements: readonly string[]): string {
  return elements.join(separator);
}

export function elementsOf(path: string): string[] {
  return path.split(separator);
}

export function isBelow(path: string, ancestor: string): boolean {
  return path.startsWith(ancestor + separator);
}

/** Members that the server alone decides about; nobody owns them. */
const unowned: ReadonlySet<string> = new Set(
  [
    ["apiVersion"],
    ["kind"],
    ...[
      "name",
      "namespace",
      "generateName",
      "uid",
      "resourceVersion",
      "generation",
      "creationTimestamp",
      "deletionTimestamp",
      "deletionGracePeriodSeconds",
      "managedFields",
      "selfLink",
    ].map((name) => ["metadata", name]),
  ].map((names) => pathOf(names.map((name) => `f:${name}`))),
);

/** All fields of an object of a type. */
export function fieldsOf(type: string, object: JsonObject, types: TypeLookup = typeSchema): Fields {
  const fields = new Map<string, unknown>();
  addMembers({ fields, types }, [], type, object);
  for (const path of unowned) fields.delete(path);
  return fields;
}

interface Gathering {
  readonly fields: Map<string, unknown>;
  readonly types: TypeLookup;
}

function addMembers(into: Gathering, at: readonly string[], type: string, object: JsonObject): void {
  const fieldOf = membersOf(type, into.types);
  for (const name of Object.keys(object)) {
    const value = ownMember(object, name);
    if (value !== undefined && value !== null) addValue(into, [...at, `f:${name}`], fieldOf(name), value);
  }
}

function addValue(
  into: Gathering,
  at: readonly string[],
  field: FieldSchema | undefined,
  value: unknown,
): void {
  const shape = shapeOf(field, into.types);
  if (shape.kind === "object" && isJsonObject(value) && Object.keys(value).length > 0) {
    addMembers(into, at, shape.type, value);
  } else if (shape.kind === "map" && isJsonObject(value) && Object.keys(value).length > 0) {
    for (const name of Object.keys(value))
      addValue(into, [...at, `f:${name}`], elementField(shape.type), ownMember(value, name));
  } else if (shape.kind === "keyed" && Array.isArray(value) && value.length > 0) {
    for (const item of value) addItem(into, at, shape, item);
  } else if (shape.kind === "set" && Array.isArray(value) && value.length > 0) {
    for (const item of value) into.fields.set(pathOf([...at, `v:${JSON.stringify(item)}`]), item);
  } else into.fields.set(pathOf(at), value);
}

function addItem(
  into: Gathering,
  at: readonly string[],
  shape: { type: string; keys: readonly string[] },
  item: unknown,
): void {
  if (!isJsonObject(item)) return;
  const element = keyElement(shape.type, shape.keys, item, into.types);
  into.fields.set(pathOf([...at, element]), element);
  addMembers(into, [...at, element], shape.type, item);
}

/** How writers share a value. */
export type Shape =
  | { readonly kind: "whole" }
  | { readonly kind: "object" | "map" | "set"; readonly type: string }
  | { readonly kind: "keyed"; readonly type: string; readonly keys: readonly string[] };

const whole: Shape = { kind: "whole" };

/** A value of which nothing is known: objects are shared member by member, lists owned whole. */
export const deducedType = "deduced";

export function shapeOf(field: FieldSchema | undefined, types: TypeLookup): Shape {
  if (!field || field.atomic) return whole;
  if (field.type === deducedType) return { kind: "map", type: deducedType };
  const element = elementType(field.type);
  if (element?.of === "list") {
    if (field.list === "map") return { kind: "keyed", type: element.element, keys: field.keys ?? [] };
    return field.list === "set" ? { kind: "set", type: element.element } : whole;
  }
  if (element?.of === "map") return { kind: "map", type: element.element };
  const schema = types(field.type);
  return schema && !schema.atomic && (schema.fields.length > 0 || schema.rest)
    ? { kind: "object", type: field.type }
    : whole;
}

/** Finds the fields of a type's members by name. */
export function membersOf(type: string, types: TypeLookup): (name: string) => FieldSchema | undefined {
  const schema = types(type);
  const known = new Map(schema?.fields.map((field) => [field.name, field]));
  const rest = schema?.rest === undefined ? undefined : elementField(schema.rest);
  return (name) => known.get(name) ?? rest;
}

/** The field that a map's entry is. */
export function elementField(type: string): FieldSchema {
  return { name: "", type };
}

/** `k:{"containerPort":80,"protocol":"TCP"}`; a key that is left out has its default. */
export function keyElement(
  type: string,
  keys: readonly string[],
  item: JsonObject,
  types: TypeLookup,
): string {
  const known = types(type)?.fields ?? [];
  const key: JsonObject = {};
  for (const name of keys.toSorted()) {
    const value = ownMember(item, name) ?? known.find((field) => field.name === name)?.default;
    if (value !== undefined) setMember(key, name, value);
  }
  return `k:${JSON.stringify(key)}`;
}
