import { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual, isJsonObject, type JsonObject, ownMember } from "../json/json-value.ts";
import { isExactInteger } from "../json/raw-number.ts";
import { parsePattern, type Pattern } from "../text/pattern.ts";
import { formatRule } from "./formats.ts";
import { oldItemOf } from "./old-item.ts";
import { additionalOf, objectHead, propertyOf, type Schema } from "./schema.ts";

/** Checks values against one schema, in the sentences that users of custom resources know. */
export class ValueChecker {
  readonly #root: Schema;
  readonly #patterns = new Map<string, Pattern | undefined>();

  readonly #base: FieldPath;

  /** @param base where that is told which is said of no field; of a whole object that is nowhere */
  constructor(root: Schema, base = rootName) {
    this.#root = root;
    this.#base = base;
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
    const here = at ?? rootName;
    if (!(value === null && schema.nullable === true)) this.#checkType(schema, value, at, errors);
    if (value === null) {
      checkEnum(schema, value, here, errors);
      return;
    }
    this.#checkLogic(schema, value, at, errors, isResource);
    if (typeof value === "string") this.#checkText(schema, value, here, errors);
    else if (isNumber(value)) this.#checkNumber(schema, value, here, errors);
    else if (Array.isArray(value)) this.#checkList(schema, value, here, errors, old);
    checkEnum(schema, value, here, errors);
    if (isJsonObject(value)) this.#checkObject(schema, value, at, errors, isResource, old);
  }

  #checkType(schema: Schema, value: unknown, at: FieldPath | undefined, errors: FieldErrors): void {
    const { type, format } = schema;
    if (schema["x-kubernetes-int-or-string"]) {
      if (typeof value !== "string" && !isInteger(value)) wrongType(at, "integer,string", value, errors);
    } else if (
      type === "integer" &&
      format === "int64" &&
      isExactInteger(value) &&
      !isInRange(format, value as never)
    )
      wrongType(at, format, value, errors, "float64");
    else if (type && !isOfType(type, value)) wrongType(at, type, value, errors);
  }

  /** Of what the path of a field is only told in the sentence. */
  #complain(sentence: string, errors: FieldErrors): void {
    errors.invalid(this.#base, "", sentence);
  }

  #checkText(schema: Schema, value: string, at: FieldPath, errors: FieldErrors): void {
    const { minLength, maxLength, pattern, format } = schema;
    const length = minLength === undefined && maxLength === undefined ? 0 : Array.from(value).length;
    if (maxLength !== undefined && length > maxLength) errors.tooLong(at, maxLength);
    else if (minLength !== undefined && length < minLength)
      errors.invalid(at, value, `${at.toString()} in body should be at least ${minLength} chars long`);
    else if (pattern && this.#pattern(pattern)?.found(value) === false)
      errors.invalid(at, value, `${at.toString()} in body should match '${pattern}'`);
    if (format && formatRule(format)?.(value) === false)
      errors.wrongType(
        at,
        value,
        `${at.toString()} in body must be of type ${format}: ${JSON.stringify(value)}`,
      );
  }

  #pattern(source: string): Pattern | undefined {
    if (!this.#patterns.has(source)) this.#patterns.set(source, parsePattern(source));
    return this.#patterns.get(source);
  }

  #checkNumber(schema: Schema, value: number, at: FieldPath, errors: FieldErrors): void {
    const { type, format } = schema;
    const known = type === "integer" ? ["int32", "int64"] : type === "number" ? ["float"] : [];
    const checked = format && known.includes(format) ? format : undefined;
    if (type && !isInRange(checked ?? type, value)) {
      const of = checked ? `with format ${checked}` : "(default format)";
      this.#complain(`Checked value must be of type ${type} ${of} in ${at.toString()}`, errors);
    }
    checkNumber(schema, value, at, errors);
  }

  #checkList(schema: Schema, list: unknown[], at: FieldPath, errors: FieldErrors, old: unknown): void {
    const { minItems, maxItems } = schema;
    const items = schema.items as Schema | undefined;
    if (items)
      for (const [index, item] of list.entries())
        this.checkValue(items, item, at.at(index), errors, false, oldItemOf(schema, item, old));
    if (minItems !== undefined && list.length < minItems)
      errors.invalid(at, list.length, `${at.toString()} in body should have at least ${minItems} items`);
    if (maxItems !== undefined && list.length > maxItems) errors.tooMany(at, list.length, maxItems);
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
    if (minProperties !== undefined && names.length < minProperties)
      errors.invalid(
        here,
        names.length,
        `${here.toString()} in body should have at least ${minProperties} properties`,
      );
    if (maxProperties !== undefined && names.length > maxProperties)
      errors.tooMany(here, names.length, maxProperties);
    const additional = additionalOf(schema);
    for (const name of names) {
      if (isResource && objectHead.has(name) && at === undefined && name !== "metadata") continue;
      const inner = propertyOf(schema, name) ?? additional;
      const before = isJsonObject(old) ? ownMember(old, name) : undefined;
      if (inner) this.checkValue(inner, ownMember(object, name), childOf(at, name), errors, false, before);
    }
    for (const name of required ?? []) if (!Object.hasOwn(object, name)) errors.required(childOf(at, name));
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
    const name = JSON.stringify(at?.toString() ?? "");
    const failures = (one: object): FieldErrors => {
      const found = new FieldErrors();
      this.checkValue(one, value, at, found, isResource);
      return found;
    };
    const complain = (sentence: string, best?: FieldErrors): void => {
      this.#complain(`${name} must ${sentence}`, errors);
      if (best) errors.list.push(...best.list);
    };
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
    if (allOf) {
      const all = allOf.map(failures);
      const valid = all.filter(({ list }) => list.length === 0).length;
      errors.list.push(...all.flatMap(({ list }) => list));
      const none = valid === 0 ? ". None validated" : "";
      if (valid < all.length) complain(`validate all the schemas (allOf)${none}`);
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

function checkEnum(schema: Schema, value: unknown, at: FieldPath, errors: FieldErrors): void {
  if (!schema.enum || schema.enum.some((one) => deepEqual(one, value))) return;
  const supported = schema.enum.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
  errors.notSupported(at, value, supported);
}

function wrongType(
  at: FieldPath | undefined,
  wanted: string,
  value: unknown,
  errors: FieldErrors,
  found = typeName(value),
): void {
  const here = at ?? rootName;
  errors.wrongType(
    here,
    found,
    `${at?.toString() ?? ""} in body must be of type ${wanted}: ${JSON.stringify(found)}`,
  );
}

function checkNumber(schema: Schema, value: number, at: FieldPath, errors: FieldErrors): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const number = isExactInteger(value) ? Number(value.rawJSON) : value;
  const complain = (what: string): void =>
    errors.invalid(at, value, `${at.toString()} in body should be ${what}`);
  if (multipleOf !== undefined && !isMultiple(number, multipleOf)) complain(`a multiple of ${multipleOf}`);
  if (minimum !== undefined && (exclusiveMinimum ? number <= minimum : number < minimum))
    complain(`greater than ${exclusiveMinimum ? "" : "or equal to "}${minimum}`);
  if (maximum !== undefined && (exclusiveMaximum ? number >= maximum : number > maximum))
    complain(`less than ${exclusiveMaximum ? "" : "or equal to "}${maximum}`);
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of;
  return Math.abs(quotient - Math.round(quotient)) < 1e-9;
}

const largestFloat = 3.4028235677973366e38;

function isInRange(format: string, value: number): boolean {
  if (format === "int32") return typeof value === "number" && Math.abs(value + 0.5) <= 2 ** 31;
  if (format === "float")
    return Math.abs(isExactInteger(value) ? Number(value.rawJSON) : value) < largestFloat;
  if (format !== "int64" && format !== "integer") return true;
  if (!isExactInteger(value)) return Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63;
  const exact = BigInt((value as { rawJSON: string }).rawJSON);
  return exact >= -(2n ** 63n) && exact < 2n ** 63n;
}
