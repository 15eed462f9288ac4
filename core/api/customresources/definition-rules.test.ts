import { describe, expect, test } from "vitest";
import { formatFieldError } from "../errors/field-error.ts";
import type { CustomResourceDefinition } from "../generated/types.ts";
import { kinds } from "../kinds/kinds.ts";
import { validateCreate, validateUpdate } from "../validation/validate.ts";

const kind = kinds.byKind("apiextensions.k8s.io", "v1", "CustomResourceDefinition")!;
const schemaAt = "spec.versions[0].schema.openAPIV3Schema";

function definition(schema: object, spec: object = {}): CustomResourceDefinition {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "things.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
      versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      ...spec,
    },
  };
}

const wrong = (one: CustomResourceDefinition): string[] => validateCreate(kind, one).map(formatFieldError);
const object = (spec: object): object => ({ type: "object", properties: { spec } });
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
    expect(wrong(definition({}, { versions: [version, version] }))).toEqual([
      'spec.versions: Invalid value: ["v1","v1"]: must contain unique version names',
      'spec.versions: Invalid value: ["v1","v1"]: must have exactly one version marked as storage version',
      `${schemaAt}: Required value: schemas are required`,
      "spec.versions[1].schema.openAPIV3Schema: Required value: schemas are required",
    ]);
  });

  test("converts by a webhook only when it says where that is", () => {
    expect(wrong(definition({ type: "object" }, { conversion: { strategy: "Webhook" } }))).toEqual([
      "spec.conversion.webhook.clientConfig: Required value: required when strategy is set to Webhook",
    ]);
  });

  test("keeps the versions in which objects may still lie in the store", () => {
    const old = { ...definition({ type: "object" }), status: { storedVersions: ["v1alpha1", "v1"] } };
    expect(validateUpdate(kind, old, old).map(({ field }) => field)).toEqual(["status.storedVersions[0]"]);
  });
});

describe("a schema that is not structural is refused", () => {
  const cases: [string, object, string][] = [
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
      object({ type: "object", properties: {}, additionalProperties: { type: "string" } }),
      `${specAt}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
    ],
    [
      "a type in a choice",
      object({ type: "object", oneOf: [{ type: "object" }] }),
      `${specAt}.oneOf[0].type: Forbidden: must be empty to be structural`,
    ],
    [
      "a member known to a choice alone",
      object({ type: "object", anyOf: [{ properties: { a: {} } }] }),
      `${specAt}.properties[a]: Required value: because it is defined in anyOf[0].properties[a]`,
    ],
    [
      "a list without its keys",
      object({ type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } }),
      `${specAt}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ],
    [
      "a wrong default",
      object({ type: "integer", default: "x" }),
      `${specAt}.default: Invalid value: "x": ${specAt}.default: Invalid value: "string": ${specAt}.default in body must be of type integer: "string"`,
    ],
    [
      "a rule that does not compile",
      object({
        type: "object",
        properties: { a: { type: "integer" } },
        "x-kubernetes-validations": [{ rule: "self.b > 1" }],
      }),
      `${specAt}.x-kubernetes-validations[0].rule: Invalid value: {"rule":"self.b > 1"}: compilation failed: ERROR: <input>:1:5: undefined field 'b'\n | self.b > 1\n | ....^`,
    ],
  ];
  test.each(cases)("%s", (_name, schema, sentence) => {
    expect(wrong(definition(schema))).toEqual([sentence]);
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
