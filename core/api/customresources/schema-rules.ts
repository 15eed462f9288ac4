import type { JSONSchemaProps } from "../generated/types.ts";
import { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { deepCopy, deepEqual, isJsonObject, type JsonObject } from "../json/json-value.ts";
import { parsePattern } from "../text/pattern.ts";
import { CelRules } from "./cel-rules.ts";
import { checkEmbedded } from "./check-embedded.ts";
import { ValueChecker } from "./check-value.ts";
import { checkRuleCosts } from "./rule-costs.ts";
import { checkRuleTexts } from "./rule-texts.ts";
import { additionalOf, propertyOf, type Schema } from "./schema.ts";
import { pruneValue } from "./structure-custom.ts";

/** Whether a version's schema is structural: every value has a type, in one place, and everything it says can be kept. */
export function checkSchema(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  if (schema.type !== "object") {
    const here = at.child("type");
    if (schema.type) errors.invalid(here, schema.type, "must be object at the root");
    else errors.required(here, "must not be empty at the root");
  }
  if (schema.nullable) errors.forbidden(at.child("nullable"), "nullable cannot be true at the root");
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== true)
    errors.forbidden(at.child("additionalProperties"), "must not be used at the root");
  checkHead(schema, at, errors);
  const metadata = propertyOf(schema, "metadata");
  if (metadata?.type === "object" && !isNamesOnly(metadata)) {
    errors.forbidden(
      at.child("properties").at("metadata"),
      "must not specify anything other than name and generateName, but metadata is implicitly specified",
    );
  }
  checkNode(schema, at, errors, true);
  if (errors.list.length > 0) return;
  for (const problem of new CelRules(schema).problems) problem(at, errors);
  checkRuleCosts(schema, at, errors);
}

/** What every object has is of the type it always has. */
function checkHead(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  for (const [name, type] of [
    ["kind", "string"],
    ["apiVersion", "string"],
    ["metadata", "object"],
  ] as const) {
    const found = propertyOf(schema, name)?.type;
    if (found && found !== type)
      errors.invalid(at.child("properties").at(name).child("type"), found, `must be ${type}`);
  }
}

function isNamesOnly(metadata: Schema): boolean {
  const { type, properties = {}, description: _, ...rest } = metadata;
  const known = Object.keys(properties).every((name) => name === "name" || name === "generateName");
  return (type === undefined || type === "object") && known && Object.keys(rest).length === 0;
}

const types = ["array", "boolean", "integer", "number", "object", "string"];

/** @param isRoot of the root alone, choices may speak only of members that it has */
function checkNode(schema: Schema, at: FieldPath, errors: FieldErrors, isRoot = false): void {
  checkForbidden(schema, at, errors);
  if (schema.type && !types.includes(schema.type)) errors.notSupported(at.child("type"), schema.type, types);
  if (schema.type === "null")
    errors.forbidden(at.child("type"), "type cannot be set to null, use nullable as an alternative");
  checkExtensions(schema, at, errors);
  if (schema.pattern !== undefined && !parsePattern(schema.pattern))
    errors.invalid(at.child("pattern"), schema.pattern, "must be a valid regular expression, but isn't");
  checkList(schema, at, errors);
  checkRuleTexts(schema, at, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkTyped(property, at.child("properties").at(name), "object fields", errors);
  const additional = additionalOf(schema);
  if (additional) checkTyped(additional, at.child("additionalProperties"), "object fields", errors);
  if (isJsonObject(schema.items)) checkTyped(schema.items, at.child("items"), "array items", errors);
  for (const junctor of ["allOf", "anyOf", "oneOf"] as const)
    for (const [index, one] of (schema[junctor] ?? []).entries())
      checkJunctor(one, schema, isRoot ? at : undefined, at.child(junctor).at(index), errors);
  if (schema.not) checkJunctor(schema.not, schema, isRoot ? at : undefined, at.child("not"), errors);
  if (schema.default !== undefined) checkDefault(schema, at.child("default"), errors);
}

function checkTyped(schema: Schema, at: FieldPath, what: string, errors: FieldErrors): void {
  const free = schema["x-kubernetes-int-or-string"] ?? schema["x-kubernetes-preserve-unknown-fields"];
  if (!schema.type && !free && schema.$ref === undefined)
    errors.required(at.child("type"), `must not be empty for specified ${what}`);
  checkNode(schema, at, errors);
}

function checkForbidden(schema: JSONSchemaProps, at: FieldPath, errors: FieldErrors): void {
  const unsupported = [
    "$ref",
    "definitions",
    "dependencies",
    "patternProperties",
    "additionalItems",
    "id",
  ] as const;
  for (const name of unsupported)
    if (schema[name] !== undefined) errors.forbidden(at.child(name), `${name} is not supported`);
  if (schema.uniqueItems)
    errors.forbidden(
      at.child("uniqueItems"),
      "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    );
  const isMixed = schema.additionalProperties !== undefined && schema.additionalProperties !== true;
  if (isMixed && Object.keys(schema.properties ?? {}).length > 0)
    errors.forbidden(
      at.child("additionalProperties"),
      "additionalProperties and properties are mutual exclusive",
    );
  if (Array.isArray(schema.items))
    errors.forbidden(at.child("items"), "items must be a schema object and not an array");
}

function checkExtensions(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  for (const other of ["x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"] as const)
    if (schema["x-kubernetes-int-or-string"] && schema[other])
      errors.invalid(at.child(other), true, "must be false if x-kubernetes-int-or-string is true");
  if (schema["x-kubernetes-preserve-unknown-fields"] === false)
    errors.invalid(at.child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
  if (!schema["x-kubernetes-embedded-resource"]) return;
  if (!schema.properties && !schema["x-kubernetes-preserve-unknown-fields"])
    errors.required(
      at.child("properties"),
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
    );
  if (schema.type !== "object")
    errors.invalid(
      at.child("type"),
      schema.type ?? "",
      "must be object if x-kubernetes-embedded-resource is true",
    );
}

function checkList(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  const listType = schema["x-kubernetes-list-type"];
  const mapType = schema["x-kubernetes-map-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const typeAt = at.child("x-kubernetes-list-type");
  const keysAt = at.child("x-kubernetes-list-map-keys");
  if (mapType !== undefined && mapType !== "granular" && mapType !== "atomic")
    errors.notSupported(at.child("x-kubernetes-map-type"), mapType, ["atomic", "granular"]);
  else if (mapType !== undefined && schema.type !== "object")
    errors.invalid(
      at.child("type"),
      schema.type ?? "",
      "must be object if x-kubernetes-map-type is specified",
    );
  if (schema.type === "array" && !schema.items) errors.required(at.child("items"), "must be specified");
  if (listType !== undefined && !["atomic", "set", "map"].includes(listType))
    errors.notSupported(typeAt, listType, ["atomic", "set", "map"]);
  else if (listType !== undefined && schema.type !== "array")
    errors.invalid(
      at.child("type"),
      schema.type ?? "",
      "must be array if x-kubernetes-list-type is specified",
    );
  if (listType === "set" && schema.items) checkSetItem(schema.items, at.child("items"), errors);
  if (listType !== "map") {
    const unasked = "must be map if x-kubernetes-list-map-keys is non-empty";
    if (keys.length > 0 && listType === undefined) errors.required(typeAt, unasked);
    else if (keys.length > 0) errors.invalid(typeAt, listType, unasked);
    return;
  }
  if (keys.length === 0) errors.required(keysAt, "must not be empty if x-kubernetes-list-type is map");
  const items = (schema.items ?? {}) as Schema;
  if (items.type !== "object")
    errors.invalid(
      at.child("items", "type"),
      items.type ?? "",
      "must be object if parent array's x-kubernetes-list-type is map",
    );
  if (items.nullable)
    errors.forbidden(at.child("items", "nullable"), "cannot be nullable when x-kubernetes-list-type is map");
  if (keys.some((key) => !propertyOf(items, key)))
    errors.invalid(keysAt, keys, "entries must all be names of item properties");
  if (new Set(keys).size < keys.length) errors.invalid(keysAt, keys, "must not contain duplicate entries");
  for (const key of new Set(keys)) checkKey(key, items, at.child("items"), errors);
}

const scalars = ["boolean", "integer", "number", "string"];

function checkKey(key: string, items: Schema, at: FieldPath, errors: FieldErrors): void {
  const property = propertyOf(items, key);
  if (!property) return;
  const here = at.child("properties").at(key);
  if (property.type && !scalars.includes(property.type))
    errors.invalid(
      here.child("type"),
      property.type,
      "must be a scalar type if parent array's x-kubernetes-list-type is map",
    );
  if (property.nullable)
    errors.forbidden(
      here.child("nullable"),
      "this property is in x-kubernetes-list-map-keys, so it cannot be nullable",
    );
  if (property.default === undefined && !items.required?.includes(key))
    errors.required(
      here.child("default"),
      "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
    );
}

/** The items of a set are compared whole. */
function checkSetItem(item: Schema, at: FieldPath, errors: FieldErrors): void {
  const atomic = "must be atomic as item of a list with x-kubernetes-list-type=set";
  const { "x-kubernetes-map-type": mapType, "x-kubernetes-list-type": listType } = item;
  if (item.type === "object" && mapType !== "atomic")
    errors.invalid(at.child("x-kubernetes-map-type"), mapType ?? null, atomic);
  if (item.type === "array" && listType !== undefined && listType !== "atomic")
    errors.invalid(at.child("x-kubernetes-list-type"), listType, atomic);
  if (item.nullable)
    errors.forbidden(at.child("nullable"), "cannot be nullable when x-kubernetes-list-type is set");
}

const inJunctors = [
  ["type", "empty"],
  ["description", "empty"],
  ["nullable", "false"],
  ["title", "empty"],
  ["default", "undefined"],
  ["additionalProperties", "undefined"],
  ["x-kubernetes-preserve-unknown-fields", "false"],
  ["x-kubernetes-embedded-resource", "false"],
  ["x-kubernetes-int-or-string", "false"],
  ["x-kubernetes-list-type", "empty"],
  ["x-kubernetes-list-map-keys", "empty"],
  ["x-kubernetes-map-type", "empty"],
  ["x-kubernetes-validations", "empty"],
] as const;

/**
 * What stands in `allOf` and the like narrows what is said outside of it, and adds nothing.
 * @param outsideAt where that is missed which is spoken of here and not there
 */
function checkJunctor(
  schema: Schema,
  outside: Schema | undefined,
  outsideAt: FieldPath | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const isIntOrString = outside?.["x-kubernetes-int-or-string"] === true;
  for (const [name, empty] of inJunctors) {
    if (name === "type" && isIntOrString) continue;
    if (schema[name] !== undefined && schema[name] !== false && schema[name] !== "")
      errors.forbidden(at.child(name), `must be ${empty} to be structural`);
  }
  checkForbidden({ ...schema, additionalProperties: undefined }, at, errors);
  if (schema.pattern !== undefined && !parsePattern(schema.pattern))
    errors.invalid(at.child("pattern"), schema.pattern, "must be a valid regular expression, but isn't");
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const here = outsideAt?.child("properties").at(name);
    const inside = at.child("properties").at(name);
    const said = outside && propertyOf(outside, name);
    if (!said && here) errors.required(here, `because it is defined in ${inside.toString()}`);
    checkJunctor(property, said, here, inside, errors);
  }
  if (isJsonObject(schema.items))
    checkJunctor(schema.items, outside?.items, undefined, at.child("items"), errors);
  for (const junctor of ["allOf", "anyOf", "oneOf"] as const)
    for (const [index, one] of (schema[junctor] ?? []).entries())
      checkJunctor(one, outside, outsideAt, at.child(junctor).at(index), errors);
  if (schema.not) checkJunctor(schema.not, outside, outsideAt, at.child("not"), errors);
}

/** A default must be what the schema would take, with nothing in it that would be pruned. */
function checkDefault(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  const value = deepCopy(schema.default);
  // Whole numbers and texts are told apart when there is a value.
  if (schema["x-kubernetes-int-or-string"]) return;
  if (value === null && !schema.nullable && schema.type) {
    errors.invalid(at, null, `must not be null for a value of type ${schema.type}`);
    return;
  }
  const found = new FieldErrors();
  new ValueChecker(schema, at).checkValue(schema, value, at, found);
  checkEmbedded({ ...schema }, value, at, found);
  // What is told of a value begins with where in the default it stands.
  for (const { message, field, ...error } of found.list)
    errors.list.push({
      ...error,
      field: field.replace(`${at.toString()}[`, `${at.toString()}.[`),
      message: message.replaceAll(`${at.toString()}.`, "").replaceAll(at.toString(), ""),
    });
  if (found.list.length === 0) checkDefaultByRules(schema, value, at, errors);
  const holder: JsonObject = { value };
  pruneValue({ type: "object", properties: { value: schema } }, holder);
  if (!deepEqual(holder["value"], schema.default))
    errors.invalid(at, schema.default, "must not have unknown fields");
}

function checkDefaultByRules(schema: Schema, value: unknown, at: FieldPath, errors: FieldErrors): void {
  const found = new FieldErrors();
  const rules = new CelRules({ type: "object", properties: { value: schema } });
  rules.check({ value }, undefined, found);
  for (const { field, ...error } of found.list)
    errors.list.push({ ...error, field: field.replace(/^value/, at.toString()) });
}
