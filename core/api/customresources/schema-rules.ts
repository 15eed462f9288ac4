import type { JSONSchemaProps } from "../generated/types.ts";
import { FieldErrors, formatFieldError } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { deepCopy, deepEqual, isJsonObject, type JsonObject } from "../json/json-value.ts";
import { parsePattern } from "../text/pattern.ts";
import { CelRules } from "./cel-rules.ts";
import { ValueChecker } from "./check-value.ts";
import { checkRuleCosts } from "./rule-costs.ts";
import { additionalOf, propertyOf, type Schema } from "./schema.ts";
import { pruneValue } from "./structure-custom.ts";

/** Whether a version's schema is structural: every value has a type, in one place, and everything it says can be kept. */
export function checkSchema(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  if (schema.type !== "object") {
    const here = at.child("type");
    if (schema.type) errors.invalid(here, schema.type, "must be object at the root");
    else errors.required(here, "must not be empty at the root");
  }
  const metadata = propertyOf(schema, "metadata");
  if (metadata && !isNamesOnly(metadata)) {
    errors.forbidden(
      at.child("properties").at("metadata"),
      "must not specify anything other than name and generateName, but metadata is implicitly specified",
    );
  }
  checkNode(schema, at, errors);
  if (errors.list.length > 0) return;
  for (const problem of new CelRules(schema).problems) problem(at, errors);
  checkRuleCosts(schema, at, errors);
}

function isNamesOnly(metadata: Schema): boolean {
  const { type, properties = {}, description: _, ...rest } = metadata;
  const known = Object.keys(properties).every((name) => name === "name" || name === "generateName");
  return (type === undefined || type === "object") && known && Object.keys(rest).length === 0;
}

const types = ["array", "boolean", "integer", "number", "object", "string"];

function checkNode(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  checkForbidden(schema, at, errors);
  if (schema.type && !types.includes(schema.type)) errors.notSupported(at.child("type"), schema.type, types);
  checkExtensions(schema, at, errors);
  if (schema.pattern !== undefined && !parsePattern(schema.pattern))
    errors.invalid(at.child("pattern"), schema.pattern, "must be a valid regular expression, but isn't");
  checkList(schema, at, errors);
  for (const [name, property] of Object.entries(schema.properties ?? {}))
    checkTyped(property, at.child("properties").at(name), "object fields", errors);
  const additional = additionalOf(schema);
  if (additional) checkTyped(additional, at.child("additionalProperties"), "object fields", errors);
  if (isJsonObject(schema.items)) checkTyped(schema.items, at.child("items"), "array items", errors);
  for (const junctor of ["allOf", "anyOf", "oneOf"] as const)
    for (const [index, one] of (schema[junctor] ?? []).entries())
      checkJunctor(one, schema, at, `${junctor}[${index}]`, at.child(junctor).at(index), errors);
  if (schema.not) checkJunctor(schema.not, schema, at, "not", at.child("not"), errors);
  if (schema.default !== undefined) checkDefault(schema, at.child("default"), errors);
}

function checkTyped(schema: Schema, at: FieldPath, what: string, errors: FieldErrors): void {
  const free = schema["x-kubernetes-int-or-string"] ?? schema["x-kubernetes-preserve-unknown-fields"];
  if (!schema.type && !free) errors.required(at.child("type"), `must not be empty for specified ${what}`);
  checkNode(schema, at, errors);
}

function checkForbidden(schema: JSONSchemaProps, at: FieldPath, errors: FieldErrors): void {
  const unsupported = [
    "$ref",
    "definitions",
    "dependencies",
    "patternProperties",
    "additionalItems",
  ] as const;
  for (const name of unsupported)
    if (schema[name] !== undefined) errors.forbidden(at.child(name), `${name} is not supported`);
  if (schema.uniqueItems)
    errors.forbidden(
      at.child("uniqueItems"),
      "uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    );
  if (schema.additionalProperties === false)
    errors.forbidden(at.child("additionalProperties"), "additionalProperties cannot be set to false");
  else if (schema.additionalProperties !== undefined && schema.properties)
    errors.forbidden(
      at.child("additionalProperties"),
      "additionalProperties and properties are mutual exclusive",
    );
  if (Array.isArray(schema.items))
    errors.forbidden(at.child("items"), "items must be a schema object and not an array");
}

function checkExtensions(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  if (schema["x-kubernetes-int-or-string"] && schema.type)
    errors.forbidden(at.child("type"), "must be empty if x-kubernetes-int-or-string is true");
  if (schema["x-kubernetes-preserve-unknown-fields"] === false)
    errors.invalid(at.child("x-kubernetes-preserve-unknown-fields"), false, "must be true or undefined");
  if (!schema["x-kubernetes-embedded-resource"]) return;
  if (schema.type !== "object")
    errors.invalid(
      at.child("type"),
      schema.type ?? "",
      "must be object if x-kubernetes-embedded-resource is true",
    );
  if (!schema.properties && !schema["x-kubernetes-preserve-unknown-fields"])
    errors.required(
      at.child("properties"),
      "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields",
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
  if (schema.type === "array" && !schema.items) errors.required(at.child("items"), "must be specified");
  if (listType !== undefined && !["atomic", "set", "map"].includes(listType))
    errors.notSupported(typeAt, listType, ["atomic", "map", "set"]);
  else if (listType !== undefined && schema.type !== "array")
    errors.invalid(
      at.child("type"),
      schema.type ?? "",
      "must be array if x-kubernetes-list-type is specified",
    );
  if (listType !== "map") {
    if (keys.length > 0) errors.forbidden(keysAt, "must be empty if x-kubernetes-list-type is not map");
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
  for (const [index, key] of keys.entries()) {
    const property = propertyOf(items, key);
    if (!property) errors.invalid(keysAt.at(index), key, "entries must all be names of item properties");
    else if (property.default === undefined && !items.required?.includes(key))
      errors.required(
        at.child("items", "properties").at(key).child("default"),
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property",
      );
  }
}

const inJunctors = [
  "type",
  "description",
  "title",
  "default",
  "nullable",
  "additionalProperties",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
  "x-kubernetes-int-or-string",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-validations",
] as const;

/** What stands in `allOf` and the like narrows what is said outside of it, and adds nothing. */
function checkJunctor(
  schema: Schema,
  outside: Schema | undefined,
  outsideAt: FieldPath,
  where: string,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const isIntOrString = outside?.["x-kubernetes-int-or-string"] === true;
  for (const name of inJunctors) {
    if (name === "type" && isIntOrString) continue;
    if (schema[name] !== undefined && schema[name] !== false && schema[name] !== "")
      errors.forbidden(at.child(name), "must be empty to be structural");
  }
  checkForbidden({ ...schema, additionalProperties: undefined }, at, errors);
  if (schema.pattern !== undefined && !parsePattern(schema.pattern))
    errors.invalid(at.child("pattern"), schema.pattern, "must be a valid regular expression, but isn't");
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const here = outsideAt.child("properties").at(name);
    const inside = `${where}.properties[${name}]`;
    const said = outside && propertyOf(outside, name);
    if (!said) errors.required(here, `because it is defined in ${inside}`);
    checkJunctor(property, said, here, inside, at.child("properties").at(name), errors);
  }
  for (const junctor of ["allOf", "anyOf", "oneOf"] as const)
    for (const [index, one] of (schema[junctor] ?? []).entries())
      checkJunctor(
        one,
        outside,
        outsideAt,
        `${where}.${junctor}[${index}]`,
        at.child(junctor).at(index),
        errors,
      );
  if (schema.not) checkJunctor(schema.not, outside, outsideAt, `${where}.not`, at.child("not"), errors);
}

/** A default must be what the schema would take, with nothing in it that would be pruned. */
function checkDefault(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  const value = deepCopy(schema.default);
  if (value === null && !schema.nullable && schema.type) {
    errors.invalid(at, null, `must not be null for a value of type ${schema.type}`);
    return;
  }
  const found = new FieldErrors();
  new ValueChecker(schema).checkValue(schema, value, at, found);
  for (const error of found.list.map(formatFieldError)) errors.invalid(at, value, error);
  const holder: JsonObject = { value };
  pruneValue({ type: "object", properties: { value: schema } }, holder);
  if (!deepEqual(holder["value"], schema.default))
    errors.invalid(at, schema.default, "must not have unknown fields");
}
