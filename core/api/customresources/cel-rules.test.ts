import { describe, expect, test } from "vitest";
import { FieldErrors, formatFieldError } from "../errors/field-error.ts";
import { CelRules } from "./cel-rules.ts";
import type { Schema } from "./schema.ts";

const properties: Schema["properties"] = {
  replicas: { type: "integer" },
  most: { type: "integer" },
  name: { type: "string" },
  ports: {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["name"],
    items: {
      type: "object",
      properties: { name: { type: "string" }, port: { type: "integer" } },
      "x-kubernetes-validations": [{ rule: "self.port == oldSelf.port", message: "ports stay" }],
    },
  },
};

function rules(...validations: NonNullable<Schema["x-kubernetes-validations"]>) {
  const spec: Schema = { type: "object", properties, "x-kubernetes-validations": validations };
  const compiled = new CelRules({ type: "object", properties: { spec } });
  expect(compiled.problems).toEqual([]);
  return (value: object, old?: object): string[] => {
    const errors = new FieldErrors();
    compiled.check({ spec: value }, old && { spec: old }, errors);
    return errors.list.map(formatFieldError);
  };
}

describe("a rule that does not hold", () => {
  test("is told with its message, at its value", () => {
    const check = rules({ rule: "self.replicas <= self.most", message: "too many replicas" });
    expect(check({ replicas: 3, most: 2 })).toEqual(["spec: Invalid value: too many replicas"]);
    expect(check({ replicas: 2, most: 2 })).toEqual([]);
  });

  test("makes its own message, at a field and for a reason that it names", () => {
    const check = rules({
      rule: "self.replicas <= 5",
      messageExpression: "'at most 5, not ' + string(self.replicas)",
      fieldPath: ".replicas",
      reason: "FieldValueForbidden",
    });
    expect(check({ replicas: 6 })).toEqual(["spec.replicas: Forbidden: at most 5, not 6"]);
  });

  test("without a message shows itself; one that fails says how", () => {
    expect(rules({ rule: "self.replicas > 1" })({ replicas: 1 })).toEqual([
      "spec: Invalid value: failed rule: self.replicas > 1",
    ]);
    expect(rules({ rule: "self.most > 1", message: "m" })({})).toEqual([
      'spec: Invalid value: "object": no such key: most evaluating rule: m',
    ]);
  });
});

test("a rule shows the value it complains of where that is plain", () => {
  const plain: Schema = {
    type: "object",
    properties: {
      name: { type: "string", "x-kubernetes-validations": [{ rule: "self != 'b'", message: "m" }] },
    },
  };
  const errors = new FieldErrors();
  new CelRules(plain).check({ name: "b" }, undefined, errors);
  expect(errors.list.map(formatFieldError)).toEqual(['name: Invalid value: "b": m']);
});

describe("a rule about a change", () => {
  test("holds when there is something before", () => {
    const check = rules({ rule: "self.name == oldSelf.name", message: "name is immutable" });
    expect(check({ name: "b" })).toEqual([]);
    expect(check({ name: "b" }, { name: "a" })).toEqual(["spec: Invalid value: name is immutable"]);
  });

  test("sees nothing as an optional value, when it says so", () => {
    const check = rules({
      rule: "oldSelf.hasValue() || self.replicas == 1",
      optionalOldSelf: true,
      message: "begin with one",
    });
    expect(check({ replicas: 2 })).toEqual(["spec: Invalid value: begin with one"]);
    expect(check({ replicas: 2 }, { replicas: 1 })).toEqual([]);
  });

  test("compares items of a list by their keys", () => {
    const check = rules();
    const old = {
      ports: [
        { name: "a", port: 1 },
        { name: "b", port: 2 },
      ],
    };
    expect(
      check(
        {
          ports: [
            { name: "c", port: 9 },
            { name: "b", port: 3 },
          ],
        },
        old,
      ),
    ).toEqual(["spec.ports[1]: Invalid value: ports stay"]);
  });
});

test("a rule that costs too much ends, and no other is run", () => {
  const big = { ports: Array.from({ length: 400 }, (_, n) => ({ name: `n${n}`, port: n })) };
  const check = rules({
    rule: "self.ports.all(a, self.ports.all(b, self.ports.all(c, true)))",
    message: "m",
  });
  expect(check(big)).toEqual([
    'spec: Invalid value: "object": no further validation rules will be run due to call cost exceeds limit for rule: m',
  ]);
});

test.each<[string, Schema, unknown, string[]]>([
  [
    "reads days of a duration",
    { type: "string", format: "duration", "x-kubernetes-validations": [{ rule: "self > duration('25h')" }] },
    "1d",
    ["spec: Invalid value: \"1d\": failed rule: self > duration('25h')"],
  ],
  [
    "takes what is no base64 for the text that it is",
    { type: "string", format: "byte", "x-kubernetes-validations": [{ rule: "self == b'a'" }] },
    "!!",
    ["spec: Invalid value: \"!!\": failed rule: self == b'a'"],
  ],
  [
    "names the key of a map, and says its message without blanks around it",
    {
      type: "object",
      properties: { m: { type: "object", additionalProperties: { type: "string" } } },
      "x-kubernetes-validations": [{ rule: "false", message: " no ", fieldPath: ".m['a.b']" }],
    },
    {},
    ["spec.m[a.b]: Invalid value: no"],
  ],
])("a rule %s", (_, spec, value, expected) => {
  const errors = new FieldErrors();
  new CelRules({ type: "object", properties: { spec } }).check({ spec: value }, undefined, errors);
  expect(errors.list.map(formatFieldError)).toEqual(expected);
});
