import { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual, isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { parsePattern, type Pattern } from "../text/pattern.ts";
import { checkEmbedded } from "./check-embedded.ts";
import { formatRule } from "./formats.ts";
import { oldItemOf } from "./old-item.ts";
import { additionalOf, objectHead, propertyOf, type Schema } from "./schema.ts";

/** Checks values against one schema, in the sentences that users of custom resources know. */
export class ValueChecker {
  readonly #root: Schema;
  readonly #patterns = new Map<string, Pattern | undefined>();

  constructor(root: Schema) {
    this.#root = root;
  }

  /**
   * `metadata`, `apiVersion` and `kind` of the object itself are checked by whoever checks every object.
   * @param old what the object was: values that stay as they were are not complained about, so that a schema may become
   *   stricter without freezing what is there
   */
  check(object: JsonObject, errors: FieldErrors, old?: JsonObject): void {
    this.checkValue(this.#root, object, undefined, errors, true, old);
  }

  /** @param at undefined for the object itself */
  checkValue(
    schema: Schema,
    value: unknown,
    at: FieldPath | undefined,
    errors: FieldErrors,
    isResource = false,
    old?: unknown,
  ): void {
    if (old !== undefined && deepEqual(value, old)) return;
    const isNone = value === null && schema.nullable === true;
    if (!isNone && !this.#checkType(schema, value, at, errors)) return;
    const here = at ?? rootName;
    if (schema.enum && !schema.enum.some((one) => deepEqual(one, value))) {
      const supported = schema.enum.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
      errors.notSupported(here, value, supported);
    }
    if (isNone) return;
    if (typeof value === "string") this.#checkText(schema, value, here, errors);
    else if (isNumber(value)) checkNumber(schema, value, here, errors);
    else if (Array.isArray(value)) this.#checkList(schema, value, at, errors, old);
    else if (isJsonObject(value)) this.#checkObject(schema, value, at, errors, isResource, old);
    this.#checkLogic(schema, value, at, errors, isResource);
  }

  #checkType(schema: Schema, value: unknown, at: FieldPath | undefined, errors: FieldErrors): boolean {
    const { type } = schema;
    if (schema["x-kubernetes-int-or-string"]) {
      if (typeof value === "string" || isInteger(value)) return true;
      wrongType(at, "integer,string", value, errors);
      return false;
    }
    if (!type || isOfType(type, value)) return true;
    wrongType(at, type, value, errors);
    return false;
  }

  #checkText(schema: Schema, value: string, at: FieldPath, errors: FieldErrors): void {
    const { minLength, maxLength, pattern, format } = schema;
    const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(value).length;
    if (maxLength !== undefined && length > maxLength) errors.tooLong(at, maxLength);
    if (minLength !== undefined && length < minLength)
      errors.invalid(at, value, `${at.toString()} in body should be at least ${minLength} chars long`);
    if (pattern && this.#pattern(pattern)?.found(value) === false)
      errors.invalid(at, value, `${at.toString()} in body should match '${pattern}'`);
    if (format && formatRule(format)?.(value) === false)
      errors.invalid(
        at,
        value,
        `${at.toString()} in body must be of type ${format}: ${JSON.stringify(value)}`,
      );
  }

  #pattern(source: string): Pattern | undefined {
    if (!this.#patterns.has(source)) this.#patterns.set(source, parsePattern(source));
    return this.#patterns.get(source);
  }

  #checkList(
    schema: Schema,
    list: unknown[],
    at: FieldPath | undefined,
    errors: FieldErrors,
    old: unknown,
  ): void {
    const here = at ?? rootName;
    const { minItems, maxItems } = schema;
    if (maxItems !== undefined && list.length > maxItems) errors.tooMany(here, list.length, maxItems);
    if (minItems !== undefined && list.length < minItems)
      errors.invalid(here, list.length, `${here.toString()} in body should have at least ${minItems} items`);
    const items = schema.items as Schema | undefined;
    if (items)
      for (const [index, item] of list.entries())
        this.#checkInner(items, item, here.at(index), errors, oldItemOf(schema, item, old));
    checkDistinct(schema, list, here, errors);
  }

  #checkObject(
    schema: Schema,
    object: JsonObject,
    at: FieldPath | undefined,
    errors: FieldErrors,
    isResource: boolean,
    old: unknown,
  ): void {
    const { minProperties, maxProperties, required } = schema;
    const names = Object.keys(object);
    const here = at ?? rootName;
    if (maxProperties !== undefined && names.length > maxProperties)
      errors.tooMany(here, names.length, maxProperties);
    if (minProperties !== undefined && names.length < minProperties)
      errors.invalid(
        here,
        names.length,
        `${here.toString()} in body should have at least ${minProperties} properties`,
      );
    for (const name of required ?? []) if (!Object.hasOwn(object, name)) errors.required(childOf(at, name));
    const additional = additionalOf(schema);
    for (const name of names) {
      if (isResource && objectHead.has(name) && at === undefined && name !== "metadata") continue;
      const inner = propertyOf(schema, name) ?? additional;
      const before = isJsonObject(old) ? ownMember(old, name) : undefined;
      if (inner) this.#checkInner(inner, ownMember(object, name), childOf(at, name), errors, before);
    }
  }

  #checkInner(schema: Schema, value: unknown, at: FieldPath, errors: FieldErrors, old: unknown): void {
    this.checkValue(schema, value, at, errors, false, old);
    if (schema["x-kubernetes-embedded-resource"] && isJsonObject(value)) checkEmbedded(value, at, errors);
  }

  /** `allOf` and the others see the same value again; what they say inside is told where it helps. */
  #checkLogic(
    schema: Schema,
    value: unknown,
    at: FieldPath | undefined,
    errors: FieldErrors,
    isResource: boolean,
  ): void {
    const { allOf, anyOf, oneOf, not } = schema;
    const here = at ?? rootName;
    const name = JSON.stringify(at?.toString() ?? "");
    const failures = (one: object): FieldErrors => {
      const found = new FieldErrors();
      this.checkValue(one, value, at, found, isResource);
      return found;
    };
    const complain = (sentence: string, best?: FieldErrors): void => {
      errors.invalid(here, "", `${name} must ${sentence}`);
      if (best) errors.list.push(...best.list);
    };
    for (const one of allOf ?? []) {
      const found = failures(one);
      if (found.list.length > 0) errors.list.push(...found.list);
    }
    if (anyOf) {
      const all = anyOf.map(failures);
      if (all.every(({ list }) => list.length > 0))
        complain("validate at least one schema (anyOf)", fewest(all));
    }
    if (oneOf) {
      const all = oneOf.map(failures);
      const valid = all.filter(({ list }) => list.length === 0).length;
      if (valid === 0) complain("validate one and only one schema (oneOf). Found none valid", fewest(all));
      if (valid > 1) complain(`validate one and only one schema (oneOf). Found ${valid} valid alternatives`);
    }
    if (not && failures(not).list.length === 0) complain("not validate the schema (not)");
  }
}

const rootName = FieldPath.of("<nil>");

function childOf(at: FieldPath | undefined, name: string): FieldPath {
  return at ? at.child(name) : FieldPath.of(name);
}

function fewest(all: readonly FieldErrors[]): FieldErrors | undefined {
  return all.toSorted((a, b) => a.list.length - b.list.length)[0];
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" || isExactInteger(value);
}

function isInteger(value: unknown): boolean {
  return (typeof value === "number" && Number.isInteger(value)) || isExactInteger(value);
}

export function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case "object":
      return isJsonObject(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return isInteger(value);
    case "number":
      return isNumber(value);
    default:
      return typeof value === type;
  }
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (isInteger(value)) return "integer";
  return typeof value;
}

function wrongType(at: FieldPath | undefined, wanted: string, value: unknown, errors: FieldErrors): void {
  const found = typeName(value);
  const here = at ?? rootName;
  errors.wrongType(
    here,
    found,
    `${at?.toString() ?? ""} in body must be of type ${wanted}: ${JSON.stringify(found)}`,
  );
}

function checkNumber(schema: Schema, value: number, at: FieldPath, errors: FieldErrors): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, format } = schema;
  const number = isExactInteger(value) ? Number(value.rawJSON) : value;
  const complain = (what: string): void =>
    errors.invalid(at, value, `${at.toString()} in body should be ${what}`);
  if (maximum !== undefined && (exclusiveMaximum ? number >= maximum : number > maximum))
    complain(`less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`);
  if (minimum !== undefined && (exclusiveMinimum ? number <= minimum : number < minimum))
    complain(`greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`);
  if (multipleOf !== undefined && !isMultiple(number, multipleOf)) complain(`a multiple of ${multipleOf}`);
  if (format && !isInRange(format, value))
    errors.invalid(
      at,
      value,
      `Checked value must be of type ${schema.type ?? ""} with format ${format} in ${at.toString()}`,
    );
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

function isInRange(format: string, value: number): boolean {
  if (format === "int32") return typeof value === "number" && Math.abs(value + 0.5) <= 2 ** 31;
  if (format !== "int64" || !isExactInteger(value)) return true;
  const exact = BigInt((value as { rawJSON: string }).rawJSON);
  return exact >= -(2n ** 63n) && exact < 2n ** 63n;
}

/** Items of sets and of lists with keys stand there once. */
function checkDistinct(schema: Schema, list: unknown[], at: FieldPath, errors: FieldErrors): void {
  const kind = schema["x-kubernetes-list-type"];
  if (kind !== "set" && kind !== "map") return;
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const key = kind === "set" ? item : keyOf(item, keys);
    const text = JSON.stringify(key);
    if (seen.has(text)) errors.duplicate(at.at(index), key);
    seen.add(text);
  }
}

function keyOf(item: unknown, keys: readonly string[]): JsonObject {
  const object = isJsonObject(item) ? item : {};
  return Object.fromEntries(keys.map((name) => [name, ownMember(object, name)]));
}
