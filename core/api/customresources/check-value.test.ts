import { describe, expect, test } from "vitest";
import { FieldErrors, formatFieldError } from "../errors/field-error.ts";
import { checkDistinct } from "./check-distinct.ts";
import { ValueChecker } from "./check-value.ts";
import type { Schema } from "./schema.ts";

function wrong(spec: Schema, value: unknown): string[] {
  const errors = new FieldErrors();
  const root: Schema = { type: "object", properties: { spec } };
  new ValueChecker(root).check({ metadata: { name: "a" }, spec: value }, errors);
  return errors.list.map(formatFieldError);
}

describe("a value that breaks its schema is told in the words of kubectl", () => {
  const cases: [string, Schema, unknown, string | string[]][] = [
    [
      "type",
      { type: "integer" },
      "x",
      `Invalid value: "string": spec in body must be of type integer: "string"`,
    ],
    ["null", { type: "string" }, null, `Invalid value: "null": spec in body must be of type string: "null"`],
    [
      "fraction",
      { type: "integer" },
      1.5,
      [
        `Invalid value: "number": spec in body must be of type integer: "number"`,
        `<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec`,
      ],
    ],
    [
      "minimum",
      { type: "integer", minimum: 1 },
      0,
      "Invalid value: 0: spec in body should be greater than or equal to 1",
    ],
    [
      "below",
      { type: "number", maximum: 1, exclusiveMaximum: true },
      1,
      "Invalid value: 1: spec in body should be less than 1",
    ],
    [
      "multiple",
      { type: "number", multipleOf: 0.5 },
      0.7,
      "Invalid value: 0.7: spec in body should be a multiple of 0.5",
    ],
    [
      "int32",
      { type: "integer", format: "int32" },
      2 ** 31,
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec',
    ],
    ["enum", { type: "string", enum: ["a", "b"] }, "c", `Unsupported value: "c": supported values: "a", "b"`],
    [
      "none, which is none of the values",
      { type: "string", nullable: true, enum: ["a"] },
      null,
      'Unsupported value: null: supported values: "a"',
    ],
    [
      "no duration",
      { type: "string", format: "duration" },
      "soon",
      'Invalid value: "soon": spec in body must be of type duration: "soon"',
    ],
    [
      "no short name",
      { type: "string", format: "k8s-short-name" },
      "A_",
      'Invalid value: "A_": spec in body must be of type k8s-short-name: "A_"',
    ],
    [
      "pattern",
      { type: "string", pattern: "^a$" },
      "b",
      `Invalid value: "b": spec in body should match '^a$'`,
    ],
    [
      "short",
      { type: "string", minLength: 2 },
      "ä",
      `Invalid value: "ä": spec in body should be at least 2 chars long`,
    ],
    ["long", { type: "string", maxLength: 2 }, "abc", "Too long: may not be more than 2 bytes"],
    [
      "format",
      { type: "string", format: "date-time" },
      "now",
      `Invalid value: "now": spec in body must be of type date-time: "now"`,
    ],
    [
      "items",
      { type: "array", maxItems: 1, items: { type: "string" } },
      ["a", "b"],
      "Too many: 2: must have at most 1 item",
    ],
    [
      "not",
      { not: { required: ["a"] }, type: "object" },
      { a: 1 },
      `<nil>: Invalid value: "": "spec" must not validate the schema (not)`,
    ],
  ];
  test.each(cases)("%s", (_name, schema, value, sentence) => {
    const sentences = [sentence].flat();
    expect(wrong(schema, value)).toEqual(
      sentences.map((one) => (one.startsWith("<nil>") ? one : `spec: ${one}`)),
    );
  });
});

test("a required member, an item of a list and an entry of a map are told by their path", () => {
  const schema: Schema = {
    type: "object",
    required: ["name"],
    properties: { list: { type: "array", items: { type: "string" } } },
    additionalProperties: { type: "integer" },
  };
  expect(wrong(schema, { list: ["a", 1], "b.c": "x" })).toEqual([
    `spec.list[1]: Invalid value: "integer": spec.list[1] in body must be of type string: "integer"`,
    `spec.b.c: Invalid value: "string": spec.b.c in body must be of type integer: "string"`,
    "spec.name: Required value",
  ]);
});

test("items with the same keys, or the same item of a set, are duplicates", () => {
  const twice = (spec: Schema, value: unknown): string[] => {
    const errors = new FieldErrors();
    checkDistinct({ type: "object", properties: { spec } }, { spec: value }, undefined, errors);
    return errors.list.map(formatFieldError);
  };
  const keyed: Schema = {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    items: { type: "object", properties: { name: { type: "string" } } },
  };
  expect(twice(keyed, [{ name: "a" }, { name: "b" }, { name: "a" }, { name: "a" }])).toEqual([
    `spec[2]: Duplicate value: {"name":"a"}`,
  ]);
  const set: Schema = { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } };
  expect(twice(set, ["a", "a"])).toEqual([`spec[1]: Duplicate value: "a"`]);
});

test("one of several schemas must hold, and what the nearest one misses is told", () => {
  const schema: Schema = { type: "object", oneOf: [{ required: ["a"] }, { required: ["b", "c"] }] };
  expect(wrong(schema, {})).toEqual([
    `<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid`,
    "spec.a: Required value",
  ]);
  expect(wrong(schema, { a: 1, b: 1, c: 1 })).toEqual([
    `<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives`,
  ]);
});

test("a number or a text is taken where either may stand", () => {
  const schema: Schema = { "x-kubernetes-int-or-string": true };
  expect(wrong(schema, 5)).toEqual([]);
  expect(wrong(schema, "5%")).toEqual([]);
  expect(wrong(schema, true)).toHaveLength(1);
});

test("a value that stays as it was is not complained about, one beside it is", () => {
  const root: Schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: { a: { type: "integer", maximum: 1 }, b: { type: "integer", maximum: 1 } },
      },
    },
  };
  const errors = new FieldErrors();
  new ValueChecker(root).check({ spec: { a: 5, b: 6 } }, errors, { spec: { a: 5, b: 1 } });
  expect(errors.list.map(({ field }) => field)).toEqual(["spec.b"]);
});

test.each(["1h30m", "1d", "2 weeks 3 days", "5 seconds"])("%s is a duration of format duration", (text) => {
  expect(wrong({ type: "string", format: "duration" }, text)).toEqual([]);
});
