import { describe, expect, test } from "vitest";
import { definitionKind, thingDefinition, wrongIn as wrong } from "../../../test/support/thing-definition.ts";
import type { CustomResourceDefinition } from "../generated/types.ts";
import { validateUpdate } from "../validation/validate.ts";

const schemaAt = "spec.validation.openAPIV3Schema";

function definition(schema: object, spec: object = {}): CustomResourceDefinition {
  const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } };
  return thingDefinition({ versions: [version], ...spec });
}

const object = (spec: object): object => ({ type: "object", properties: { spec } });
/** A list of objects that are told apart by `keys`. */
const keyed = (k: object, keys: readonly string[] = ["k"]): object =>
  object({
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": keys,
    items: { type: "object", required: ["k"], properties: { k } },
  });
const specAt = `${schemaAt}.properties[spec]`;

describe("a definition", () => {
  test("that is right is taken", () => {
    expect(wrong(definition(object({ type: "object", properties: { a: { type: "string" } } })))).toEqual([]);
  });

  test("is named by its plural and group, in a group that is a domain", () => {
    const one = definition({ type: "object" }, { group: "example" });
    expect(wrong(one)).toEqual([
      'metadata.name: Invalid value: "things.example.com": must be spec.names.plural+"."+spec.group',
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    ]);
  });

  test("stores exactly one version, and every version has a schema", () => {
    const version = { name: "v1", served: true, storage: false };
    const shown =
      '{"Name":"v1","Served":true,"Storage":false,"Deprecated":false,"DeprecationWarning":null,"Schema":null,"Subresources":null,"AdditionalPrinterColumns":null,"SelectableFields":null}';
    expect(wrong(definition({}, { versions: [version, version] }))).toEqual([
      "spec.versions[0].schema.openAPIV3Schema: Required value",
      "spec.versions[1].schema.openAPIV3Schema: Required value",
      `spec.versions: Invalid value: [${shown},${shown}]: must contain unique version names`,
      `spec.versions: Invalid value: [${shown},${shown}]: must have exactly one version marked as storage version`,
    ]);
  });

  test("converts by a webhook only when it says where that is", () => {
    expect(wrong(definition({ type: "object" }, { conversion: { strategy: "Webhook" } }))).toEqual([
      "spec.conversion.webhookClientConfig: Required value: required when strategy is set to Webhook",
      "spec.conversion.conversionReviewVersions: Required value",
    ]);
  });

  test("keeps the versions in which objects may still lie in the store", () => {
    const old = { ...definition({ type: "object" }), status: { storedVersions: ["v1alpha1", "v1"] } };
    expect(validateUpdate(definitionKind, old, old).map(({ field }) => field)).toEqual([
      "status.storedVersions[0]",
    ]);
  });
});

describe("a schema that is not structural is refused", () => {
  const cases: [string, object, string | string[]][] = [
    ["no type", object({}), `${specAt}.type: Required value: must not be empty for specified object fields`],
    [
      "no type of items",
      object({ type: "array", items: {} }),
      `${specAt}.items.type: Required value: must not be empty for specified array items`,
    ],
    ["no items", object({ type: "array" }), `${specAt}.items: Required value: must be specified`],
    [
      "reference",
      object({ type: "object", $ref: "#/x" }),
      `${specAt}.$ref: Forbidden: $ref is not supported`,
    ],
    [
      "unique items",
      object({ type: "array", uniqueItems: true, items: { type: "string" } }),
      `${specAt}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
    [
      "both kinds of members",
      object({
        type: "object",
        properties: { a: { type: "string" } },
        additionalProperties: { type: "string" },
      }),
      `${specAt}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
    [
      "a type in a choice",
      object({ type: "object", oneOf: [{ type: "object" }] }),
      `${specAt}.oneOf[0].type: Forbidden: must be empty to be structural`,
    ],
    [
      "a member known to a choice alone",
      { type: "object", anyOf: [{ properties: { a: {} } }] },
      `${schemaAt}.properties[a]: Required value: because it is defined in ${schemaAt}.anyOf[0].properties[a]`,
    ],
    [
      "a number or a text that may be anything",
      object({ "x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true }),
      `${specAt}.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true`,
    ],
    [
      "a list without its keys",
      object({ type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } }),
      `${specAt}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ],
    [
      "a wrong default",
      object({ type: "integer", default: "x" }),
      `${specAt}.default: Invalid value: "string":  in body must be of type integer: "string"`,
    ],
    [
      "a default that lacks something",
      object({ type: "object", default: {}, required: ["x"], properties: { x: { type: "integer" } } }),
      `${specAt}.default.x: Required value`,
    ],
    [
      "a default that a rule refuses",
      object({ type: "string", default: "a", "x-kubernetes-validations": [{ rule: "self != 'a'" }] }),
      `${specAt}.default: Invalid value: "a": failed rule: self != 'a'`,
    ],
    [
      "the type null",
      object({ type: "null" }),
      [
        `${specAt}.type: Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"`,
        `${specAt}.type: Forbidden: type cannot be set to null, use nullable as an alternative`,
      ],
    ],
    [
      "a text as a map",
      object({ type: "string", "x-kubernetes-map-type": "atomic" }),
      `${specAt}.type: Invalid value: "string": must be object if x-kubernetes-map-type is specified`,
    ],
    [
      "a set of what has parts",
      object({ type: "array", "x-kubernetes-list-type": "set", items: { type: "object" } }),
      `${specAt}.items.x-kubernetes-map-type: Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
    [
      "a set of what may be none",
      object({ type: "array", "x-kubernetes-list-type": "set", items: { type: "string", nullable: true } }),
      `${specAt}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set`,
    ],
    [
      "a key with parts",
      keyed({ type: "object" }),
      `${specAt}.items.properties[k].type: Invalid value: "object": must be a scalar type if parent array's x-kubernetes-list-type is map`,
    ],
    [
      "a key that may be none",
      keyed({ type: "string", nullable: true }),
      `${specAt}.items.properties[k].nullable: Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable`,
    ],
    [
      "a key twice",
      keyed({ type: "string" }, ["k", "k"]),
      `${specAt}.x-kubernetes-list-map-keys: Invalid value: ["k","k"]: must not contain duplicate entries`,
    ],
    [
      "a key that is no member",
      keyed({ type: "string" }, ["k", "q"]),
      `${specAt}.x-kubernetes-list-map-keys: Invalid value: ["k","q"]: entries must all be names of item properties`,
    ],
    [
      "a rule that does not compile",
      object({
        type: "object",
        properties: { a: { type: "integer" } },
        "x-kubernetes-validations": [{ rule: "self.b > 1" }],
      }),
      `${specAt}.x-kubernetes-validations[0].rule: Invalid value: {"Rule":"self.b \\u003e 1","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^`,
    ],
  ];
  test.each(cases)("%s", (_name, schema, sentence) => {
    expect(wrong(definition(schema))).toEqual([sentence].flat());
  });
});

test.each<[string, object]>([
  ["says that there are no other members", { type: "object", additionalProperties: false }],
  [
    "leaves open what other members there are",
    { type: "object", properties: { a: { type: "string" } }, additionalProperties: true },
  ],
  ["says what kind a number or a text is", { type: "integer", "x-kubernetes-int-or-string": true }],
  [
    "speaks of a member in a choice alone, below the root",
    { type: "object", anyOf: [{ required: ["a"] }, { properties: { a: { minLength: 1 } } }] },
  ],
])("a schema that %s is taken, as the real server does", (_, spec) => {
  expect(wrong(definition(object(spec)))).toEqual([]);
});

describe("a rule is refused", () => {
  const members = {
    type: "object",
    properties: { b: { type: "string", maxLength: 5 }, m: { type: "object" } },
  };
  const ruled = (...rules: object[]): object => object({ ...members, "x-kubernetes-validations": rules });
  const at = `${specAt}.x-kubernetes-validations`;
  test.each<[string, object, string]>([
    ["for being blank", { rule: "  " }, "rule: Required value: rule is not specified"],
    [
      "for a message that says nothing",
      { rule: "true", message: " " },
      'message: Invalid value: " ": must be non-empty if specified',
    ],
    [
      "for a message of two lines",
      { rule: "true", message: "a\nb" },
      String.raw`message: Invalid value: "a\nb": must not contain line breaks`,
    ],
    [
      "for several lines without a message",
      { rule: "self.b ==\n'a'" },
      "message: Required value: message must be specified if rule contains line breaks",
    ],
    [
      "for a path to no member",
      { rule: "true", fieldPath: ".zz" },
      'fieldPath: Invalid value: ".zz": must be a valid path',
    ],
    [
      "for a path into a text",
      { rule: "true", fieldPath: ".b.c" },
      'fieldPath: Invalid value: ".b.c": must be a valid path',
    ],
    [
      "for a path that is none",
      { rule: "true", fieldPath: "b" },
      'fieldPath: Invalid value: "b": must be a valid path',
    ],
    [
      "for answering something else",
      { rule: "self.b" },
      'rule: Invalid value: {"Rule":"self.b","Message":"","MessageExpression":"","Reason":null,"FieldPath":"","OptionalOldSelf":null}: cel expression must evaluate to a bool',
    ],
    [
      "for a message that is no text",
      { rule: "true", messageExpression: "1" },
      'messageExpression: Invalid value: {"Rule":"true","Message":"","MessageExpression":"1","Reason":null,"FieldPath":"","OptionalOldSelf":null}: messageExpression must evaluate to a string',
    ],
    [
      "for an optional oldSelf that it does not look at",
      { rule: "true", optionalOldSelf: true },
      "optionalOldSelf: Invalid value: true: may not be set if oldSelf is not used in rule",
    ],
  ])("%s", (_, rule, sentence) => {
    expect(wrong(definition(ruled(rule)))).toEqual([`${at}[0].${sentence}`]);
  });

  test("for comparing with before what nobody can tell from its neighbours", () => {
    const rule = { "x-kubernetes-validations": [{ rule: "self == oldSelf" }] };
    const text = { type: "string", maxLength: 5, ...rule };
    const list = (more: object, items: object = text): object =>
      object({ type: "array", maxItems: 5, items, ...more });
    const within = (path: string): string[] => [
      `${specAt}${path}.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${specAt}`,
    ];
    expect(wrong(definition(list({})))).toEqual(within(".items"));
    expect(wrong(definition(list({ "x-kubernetes-list-type": "set" })))).toEqual(within(".items"));
    const atomic = { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: text } };
    expect(wrong(definition(object(atomic)))).toEqual([]);
    const deep = { type: "object", properties: { a: text } };
    expect(wrong(definition(list({}, deep)))).toEqual(within(".items.properties[a]"));
    const named = { type: "object", required: ["a"], properties: { a: text }, ...rule };
    const keyed = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["a"] };
    expect(wrong(definition(list(keyed, named)))).toEqual([]);
    expect(
      wrong(definition(object({ type: "object", additionalProperties: text, maxProperties: 5 }))),
    ).toEqual([]);
  });

  test("not for a path to a member, to one in brackets or to one of a map", () => {
    const paths = [".b", "['b']", ".m"].map((fieldPath) => ({ rule: "true", fieldPath }));
    expect(wrong(definition(ruled(...paths)))).toEqual([]);
  });
});

describe("what a rule may cost", () => {
  const rule = (text: string, more: object = {}): object => ({
    "x-kubernetes-validations": [{ rule: text }],
    ...more,
  });
  const costly = (spec: object): string[] => wrong(definition(object(spec)));
  const at = (path: string): string => `${specAt}${path}.x-kubernetes-validations[0].rule: Forbidden: `;
  const advice =
    " (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)";
  const texts = (more: object = {}, item: object = {}): object => ({
    type: "array",
    items: { type: "string", ...item },
    ...more,
  });
  const unique = "self.all(x, self.exists_one(y, x == y))";

  test("is told by how much it is too much, with what to do", () => {
    expect(costly({ ...texts(), ...rule(unique) })).toEqual([
      `${at("")}estimated rule cost exceeds budget by factor of more than 100x${advice}`,
      `${at("")}contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `${schemaAt}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x${advice}`,
    ]);
  });

  test.each<[string, object]>([
    [
      "a list and its texts have limits",
      { ...texts({ maxItems: 100 }, { maxLength: 100 }), ...rule(unique) },
    ],
    ["it looks once at each of any number of items", { ...texts(), ...rule("self.all(x, size(x) > 0)") }],
    ["it looks at a text once", { type: "string", ...rule("self.startsWith('a') && self.matches('^a+$')") }],
    [
      "it is about numbers",
      { type: "object", properties: { a: { type: "integer" } }, ...rule("self.a > 1") },
    ],
    [
      "it compares two texts of any length",
      {
        type: "object",
        properties: { a: { type: "string" }, b: { type: "string" } },
        ...rule("self.a == self.b"),
      },
    ],
    ["it compares with before", { type: "string", ...rule("self == oldSelf") }],
    [
      "it stands in a limited list",
      {
        type: "array",
        maxItems: 10,
        items: {
          type: "object",
          properties: { a: { type: "string", maxLength: 64 } },
          ...rule("self.a.contains('x')"),
        },
      },
    ],
  ])("is little enough when %s", (_, spec) => {
    expect(costly(spec)).toEqual([]);
  });

  test("counts for each of the items that a list can have", () => {
    const item = (text: string): object => ({
      type: "array",
      items: { type: "object", properties: { a: { type: "string" } }, ...rule(text) },
    });
    expect(costly(item("self.a.contains('x')"))[0]).toBe(
      `${at(".items")}estimated rule cost exceeds budget by factor of more than 100x${advice}`,
    );
    const limited = { ...item("self.a.contains('x')"), maxItems: 40 };
    expect(costly(limited)[0]).toMatch(/exceeds budget by factor of 1\.2\d{5}x \(/);
  });

  test("is limited for all rules together", () => {
    const one = { ...texts(), ...rule("self.all(x, x.size() > 1 && x.size() < 9)") };
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${index}`, one]));
    const errors = costly({ type: "object", properties: many });
    expect(errors).toHaveLength(5);
    expect(errors.at(-1)).toContain("estimated rule cost total for entire OpenAPIv3 schema exceeds budget");
  });
});
