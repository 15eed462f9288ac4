import { describe, expect, it } from "vitest";
import type { JsonObject } from "../json/json-value.ts";
import { mergeOpenApiV2 } from "./merge-openapi-v2.ts";

const ref = (name: string): object => ({ $ref: `#/definitions/${name}` });
const at = (schema: object): object => ({ get: { responses: { "200": { schema } } } });
const document = (paths: object, definitions: object): JsonObject => ({ swagger: "2.0", paths, definitions });

const root = "/apis/ice.example.com/v1";
const meta = { type: "object", properties: { name: { type: "string" } } };
const own = (): JsonObject =>
  document({ "/api/v1/pods": at(ref("Pod")) }, { Pod: { allOf: [ref("Meta")] }, Meta: meta });
const flavours = { [`${root}/flavours`]: at(ref("Flavour")) };

describe("merging another server's OpenAPI v2", () => {
  it("takes its paths, and of the rest what these need; shares what says the same", () => {
    const other = document(
      {
        ...flavours,
        "/apis/other.example.com/v1/x": at(ref("X")),
        "/apis/ice.example.com/v10/y": at(ref("X")),
      },
      { Flavour: { properties: { metadata: ref("Meta") } }, Meta: meta, X: {} },
    );
    expect(mergeOpenApiV2(own(), other, root)).toEqual(
      document(
        { "/api/v1/pods": at(ref("Pod")), ...flavours },
        { Pod: { allOf: [ref("Meta")] }, Meta: meta, Flavour: { properties: { metadata: ref("Meta") } } },
      ),
    );
  });

  it("leaves what is there as it is", () => {
    const other = document({ [`${root}/flavours`]: at({ type: "string" }) }, {});
    const first = mergeOpenApiV2(own(), document(flavours, { Flavour: {} }), root);
    const before = structuredClone(first);
    expect(mergeOpenApiV2(first, other, root)).toEqual(before);
    expect(first).toEqual(before);
  });

  it("renames what says something else, and with it what refers there, in circles too", () => {
    const other = document(flavours, {
      Flavour: { properties: { metadata: ref("Meta"), pod: ref("Pod") } },
      Pod: { allOf: [ref("Meta")] },
      Meta: { ...meta, properties: { owner: ref("Meta") } },
    });
    const { definitions } = mergeOpenApiV2(own(), other, root);
    expect(definitions).toEqual({
      Pod: { allOf: [ref("Meta")] },
      Meta: meta,
      Flavour: { properties: { metadata: ref("Meta_v2"), pod: ref("Pod_v2") } },
      Pod_v2: { allOf: [ref("Meta_v2")] },
      Meta_v2: { ...meta, properties: { owner: ref("Meta_v2") } },
    });
  });

  it("shares what another server brought under a new name, and counts on where that says something else", () => {
    const brought = (group: string, type: string): [JsonObject, string] => [
      document({ [`/apis/${group}/v1/x`]: at(ref("Meta")) }, { Meta: { type } }),
      `/apis/${group}/v1`,
    ];
    let merged = own();
    for (const [group, type] of [
      ["a", "string"],
      ["b", "string"],
      ["c", "number"],
    ] as const)
      merged = mergeOpenApiV2(merged, ...brought(group, type));
    expect(merged["definitions"]).toMatchObject({
      Meta: meta,
      Meta_v2: { type: "string" },
      Meta_v3: { type: "number" },
    });
    expect(merged["paths"]).toMatchObject({
      "/apis/a/v1/x": at(ref("Meta_v2")),
      "/apis/b/v1/x": at(ref("Meta_v2")),
      "/apis/c/v1/x": at(ref("Meta_v3")),
    });
  });

  it("says of shared definitions for which kinds of every server they stand", () => {
    const key = "x-kubernetes-group-version-kind";
    const options = (group: string): object => ({
      type: "object",
      [key]: [{ group, version: "v1", kind: "DeleteOptions" }],
    });
    const first = document({}, { Options: options("apps") });
    const { definitions } = mergeOpenApiV2(
      first,
      document({ [root]: at(ref("Options")) }, { Options: options("ice.example.com") }),
      root,
    );
    expect(Object.keys(definitions as object)).toEqual(["Options"]);
    expect(definitions).toMatchObject({
      Options: { [key]: [{ group: "apps" }, { group: "ice.example.com" }] },
    });
  });

  it("takes shared parameters and names with slashes along", () => {
    const path = {
      parameters: [{ $ref: "#/parameters/pretty" }],
      get: at({ $ref: "#/definitions/ice.example~1v1.Cone" }),
    };
    const other = {
      ...document({ [root]: path }, { "ice.example/v1.Cone": {} }),
      parameters: { pretty: { in: "query" }, rest: {} },
    };
    expect(mergeOpenApiV2(own(), other, root)).toMatchObject({
      definitions: { "ice.example/v1.Cone": {} },
      parameters: { pretty: { in: "query" } },
    });
  });

  it.each([
    {},
    { paths: [] },
    { paths: { [root]: null }, definitions: "none" },
    { paths: { [root]: at(ref("Gone")) } },
  ])("makes do with a document like %j", (other) => {
    expect(mergeOpenApiV2(own(), other, root)).toMatchObject(own());
  });
});
