import { describe, expect, test } from "vitest";
import { decodeJson } from "../json/decode-json.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Schema } from "./schema.ts";
import { fillDefaults, structureCustom } from "./structure-custom.ts";

const schema: Schema = {
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        known: { type: "string" },
        open: {
          type: "object",
          "x-kubernetes-preserve-unknown-fields": true,
          properties: { inner: { type: "object", properties: { a: { type: "string" } } } },
        },
        map: {
          type: "object",
          additionalProperties: { type: "object", properties: { a: { type: "string" } } },
        },
        template: {
          type: "object",
          "x-kubernetes-embedded-resource": true,
          properties: { data: { type: "string" } },
        },
      },
    },
  },
};

function pruned(spec: object): { spec: unknown; unknown: readonly string[] } {
  const { object, unknown } = structureCustom(schema, { metadata: {}, spec });
  return { spec: object["spec"], unknown };
}

describe("members that a schema does not have", () => {
  test("are removed and named", () => {
    expect(pruned({ known: "a", other: 1 })).toEqual({ spec: { known: "a" }, unknown: ["spec.other"] });
  });

  test("stay where the schema preserves them, but not below a member it knows", () => {
    const open = { x: { y: 1 }, inner: { a: "b", c: 1 } };
    expect(pruned({ open })).toEqual({
      spec: { open: { x: { y: 1 }, inner: { a: "b" } } },
      unknown: ["spec.open.inner.c"],
    });
  });

  test("are looked for in entries of maps", () => {
    expect(pruned({ map: { one: { a: "b", c: 1 } } }).unknown).toEqual(["spec.map.one.c"]);
  });

  test("apiVersion, kind and metadata belong to every object in an object", () => {
    const template = { apiVersion: "v1", kind: "X", metadata: { name: "a", wrong: 1 }, data: "d", more: 1 };
    expect(pruned({ template }).unknown).toEqual(["spec.template.metadata.wrong", "spec.template.more"]);
  });

  test("called __proto__ do no harm", () => {
    const { value } = decodeJson('{"spec":{"__proto__":{"known":"x"},"open":{"__proto__":{"a":1}}}}');
    const { object } = structureCustom(schema, value as JsonObject);
    expect(JSON.stringify(object)).toBe('{"spec":{"open":{"__proto__":{"a":1}}}}');
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe("defaults", () => {
  const withDefaults: Schema = {
    type: "object",
    properties: {
      spec: {
        type: "object",
        default: {},
        properties: {
          replicas: { type: "integer", default: 3 },
          note: { type: "string", nullable: true, default: "n" },
          plain: { type: "string" },
          list: {
            type: "array",
            items: { type: "object", properties: { port: { type: "integer", default: 80 } } },
          },
        },
      },
    },
  };
  const filled = (object: JsonObject): unknown => {
    fillDefaults(withDefaults, object, true);
    return object;
  };

  test("fill what is absent, inside what a default brought too", () => {
    expect(filled({})).toEqual({ spec: { replicas: 3, note: "n" } });
    expect(filled({ spec: { list: [{}, { port: 1 }] } })).toEqual({
      spec: { replicas: 3, note: "n", list: [{ port: 80 }, { port: 1 }] },
    });
  });

  test("take the place of null, unless null is allowed; null without a default is nothing", () => {
    expect(filled({ spec: { replicas: null, note: null, plain: null } })).toEqual({
      spec: { replicas: 3, note: null },
    });
  });
});
