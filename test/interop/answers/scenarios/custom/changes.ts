import type { Exchange, Scenario } from "../../exchange.ts";
import { anything, definition, definitionsPath, withSpec } from "../../requests/definition.ts";
import { defining } from "../applies/custom.ts";
import { column, integer, patches, pause, string, strict, table, Things } from "./things.ts";

const pruned = new Things("pruned");
const scaled = new Things("scaled");
const stated = new Things("stated");
const rivals = new Things("rivals");
const fixed = new Things("fixed");
const costs = new Things("costs");

const ofDefinition = (things: Things, type: keyof typeof patches, body: unknown, more = ""): Exchange => ({
  method: "PATCH",
  path: `${definitionsPath}/things.${things.group}${more}`,
  type: patches[type],
  body,
});
const shown = (things: Things, more = ""): Exchange => ({
  path: `${definitionsPath}/things.${things.group}${more}`,
});
const specOf = (properties: object): object => ({
  op: "replace",
  path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties",
  value: properties,
});

const text = (rule: string, schema: object = { type: "string" }): Exchange => ({
  path: `${definitionsPath}?dryRun=All`,
  body: definition(costs.group, withSpec({ a: { ...schema, "x-kubernetes-validations": [{ rule }] } })),
});
const list = (items: object, more: object = {}): object => ({ type: "array", items, ...more });

export const changes: readonly Scenario[] = [
  defining(
    "pruning and defaults after a change of the schema",
    definition(
      pruned.group,
      withSpec({ a: string, b: string, c: { type: "object", properties: { d: string } } }),
    ),
    [
      pruned.create("old", { a: "1", b: "2", c: { d: "3" } }),
      ofDefinition(pruned, "json", [
        specOf({
          a: { type: "integer" },
          c: { type: "object", default: {}, properties: { e: { type: "string", default: "e" } } },
          f: { type: "string", default: "f" },
        }),
      ]),
      pause,
      pruned.get("/old"),
      pruned.get(""),
      pruned.patch("merge", "/old", { metadata: { labels: { l: "1" } } }),
      pruned.patch("merge", "/old", { spec: { a: 1 } }),
      pruned.patch("merge", "/old", { spec: { f: null, c: null } }),
      pruned.patch("apply", "/old?fieldManager=one", pruned.thing("old", { f: "g" })),
      pruned.patch("apply", "/old?fieldManager=one", pruned.thing("old", {})),
      pruned.create("new", { f: null, c: { e: null } }),
      strict(pruned.create("newer", { b: "1" })),
      ofDefinition(pruned, "json", [{ op: "remove", path: "/spec/versions/0/schema" }]),
      ofDefinition(pruned, "merge", { spec: { preserveUnknownFields: true } }),
      pruned.get("/old"),
    ],
  ),
  defining(
    "scale and status without their fields",
    definition(scaled.group, withSpec({ replicas: integer, text: string }), {
      version: {
        subresources: {
          status: {},
          scale: {
            specReplicasPath: ".spec.replicas",
            statusReplicasPath: ".status.replicas",
            labelSelectorPath: ".status.selector",
          },
        },
        additionalPrinterColumns: [
          column("Text", "string", ".spec.text"),
          column("Count", "integer", ".spec.replicas"),
          column("Missing", "string", ".spec.none"),
          column("Age", "date", ".metadata.creationTimestamp"),
        ],
        selectableFields: [{ jsonPath: ".spec.text" }],
      },
    }),
    [
      scaled.create("a", { text: "x" }),
      scaled.get("/a/scale"),
      scaled.patch("merge", "/a/scale", { spec: { replicas: 2 } }),
      scaled.get("/a"),
      scaled.patch("merge", "/a/scale", { spec: { replicas: null } }),
      scaled.patch("merge", "/a/scale", { spec: { replicas: "x" } }),
      scaled.patch("merge", "/a/scale", { metadata: { name: "b" } }),
      scaled.patch("merge", "/a/scale", { status: { replicas: 5 } }),
      scaled.patch("merge", "/a/status", { status: { replicas: 4, selector: "a=b" }, spec: { replicas: 9 } }),
      scaled.patch("merge", "/a/status", { metadata: { labels: { l: "1" }, finalizers: ["example.com/f"] } }),
      scaled.patch("merge", "/a/status", { status: { replicas: 4, selector: "a=b" } }),
      scaled.patch("merge", "/a/status", { status: null }),
      scaled.patch("merge", "/a", { status: { replicas: 1 } }),
      scaled.patch("merge", "/a", { spec: { text: "x" } }),
      scaled.patch("merge", "/a", { spec: { text: "y" }, status: { replicas: 1 } }),
      scaled.patch("merge", "/a", { metadata: { annotations: { a: "b" }, generation: 50 } }),
      scaled.replace("a", { text: "z" }, { metadata: { generation: 9 } }),
      scaled.patch(
        "apply",
        "/a/status?fieldManager=one",
        scaled.thing("a", { text: "q" }, { status: { replicas: 3 }, metadata: { labels: { m: "1" } } }),
      ),
      scaled.patch(
        "apply",
        "/a?fieldManager=one",
        scaled.thing("a", { text: "q" }, { status: { replicas: 3 } }),
      ),
      scaled.get("", table),
      scaled.get("?fieldSelector=spec.text%3Dz"),
      scaled.get("?fieldSelector=spec.text%3Dzz"),
      scaled.get("?fieldSelector=spec.replicas%3D2"),
      scaled.get("?fieldSelector=metadata.name%3Da,spec.text!%3Dz"),
      { method: "DELETE", path: scaled.path("?fieldSelector=spec.text%3Dzz") },
      { method: "DELETE", path: scaled.path("/a") },
    ],
  ),
  {
    name: "immutable members of definitions",
    exchanges: [
      { path: definitionsPath, body: definition(fixed.group, anything) },
      pause,
      ofDefinition(fixed, "merge", { spec: { group: "other.example.com" } }),
      ofDefinition(fixed, "merge", { spec: { scope: "Cluster" } }),
      ofDefinition(fixed, "merge", { spec: { names: { plural: "others" } } }),
      ofDefinition(fixed, "merge", { spec: { names: { kind: "Other" } } }),
      ofDefinition(fixed, "merge", {
        spec: { names: { kind: "Other", listKind: "OtherList", singular: "other" } },
      }),
      ofDefinition(fixed, "merge", { spec: { names: { listKind: "Things" } } }),
      pause,
      shown(fixed),
      ofDefinition(fixed, "merge", { spec: { versions: [] } }),
      ofDefinition(fixed, "merge", { spec: { versions: null } }),
      ofDefinition(fixed, "json", [{ op: "replace", path: "/spec/versions/0/name", value: "v2" }]),
      ofDefinition(fixed, "json", [{ op: "replace", path: "/spec/versions/0/served", value: false }]),
      pause,
      { path: fixed.path() },
      ofDefinition(fixed, "merge", { status: { storedVersions: ["v9"] } }),
      ofDefinition(fixed, "merge", { status: { storedVersions: ["v9"] } }, "/status"),
      ofDefinition(fixed, "merge", { status: { storedVersions: [] } }, "/status"),
      ofDefinition(fixed, "merge", { spec: { conversion: { strategy: "Magic" } } }),
      ofDefinition(fixed, "merge", { metadata: { labels: { a: "b" } } }),
      ofDefinition(fixed, "merge", { metadata: { annotations: { "api-approved.kubernetes.io": "x" } } }),
      { method: "DELETE", path: `${definitionsPath}/things.${fixed.group}` },
    ],
  },
  {
    name: "a definition that is going",
    exchanges: [
      {
        path: definitionsPath,
        body: definition(stated.group, anything, { metadata: { finalizers: ["example.com/held"] } }),
      },
      pause,
      stated.create("a", { x: 1 }),
      { method: "DELETE", path: `${definitionsPath}/things.${stated.group}` },
      pause,
      pause,
      shown(stated),
      stated.create("b", {}),
      { method: "DELETE", path: `${definitionsPath}/things.${stated.group}` },
      { path: definitionsPath, body: definition(stated.group, anything) },
      ofDefinition(stated, "merge", { metadata: { finalizers: null } }),
      pause,
      shown(stated),
      { path: stated.path() },
    ],
  },
  {
    name: "rivals for names",
    exchanges: [
      {
        path: definitionsPath,
        body: definition(rivals.group, anything, {
          names: { singular: "thing", shortNames: ["rv"], listKind: "ThingList" },
        }),
      },
      pause,
      ...[
        { plural: "ones", kind: "Thing", singular: "one" },
        { plural: "twos", kind: "Two", singular: "things" },
        { plural: "threes", kind: "Three", shortNames: ["rv", "thing"] },
        { plural: "fours", kind: "ThingList" },
        { plural: "fives", kind: "Five", listKind: "Thing" },
        { plural: "rv", kind: "Six" },
      ].flatMap((names) => [
        {
          path: definitionsPath,
          body: definition(rivals.group, anything, {
            names,
            metadata: { name: `${names.plural}.${rivals.group}` },
          }),
        },
        pause,
        { path: `${definitionsPath}/${names.plural}.${rivals.group}` },
        { path: `/apis/${rivals.group}/v1` },
        { method: "DELETE", path: `${definitionsPath}/${names.plural}.${rivals.group}` },
        pause,
      ]),
      { method: "DELETE", path: `${definitionsPath}/things.${rivals.group}` },
    ],
  },
  {
    name: "costs of rules",
    exchanges: [
      text("self.matches('a+')"),
      text("self.contains(self)"),
      text("self.all(x, self.all(y, x == y))", list(string)),
      text("self.all(x, x.contains('a'))", list(string)),
      text("self.all(x, self.all(y, x == y))", list({ type: "string", maxLength: 10 }, { maxItems: 10 })),
      text("self.all(x, self.all(y, self.all(z, x == y && y == z)))", list(integer, { maxItems: 1000 })),
      text("self.all(x, self.all(y, self.all(z, x == y && y == z)))", list(integer)),
      text("self.map(x, x + x).size() > 0", list(string, { maxItems: 100 })),
      text("self.exists_one(k, self[k] == 'a')", { type: "object", additionalProperties: string }),
      text("self == oldSelf", list(string)),
      text("self.startsWith('a')", { type: "string", format: "date" }),
      text("self.size() > 0", { type: "string", enum: ["a", "b"] }),
      {
        path: `${definitionsPath}?dryRun=All`,
        body: definition(
          costs.group,
          withSpec({
            a: list({ type: "string", "x-kubernetes-validations": [{ rule: "self.matches('a+')" }] }),
            b: list(list({ type: "string", "x-kubernetes-validations": [{ rule: "self.contains('a')" }] })),
            c: {
              type: "object",
              additionalProperties: {
                type: "string",
                "x-kubernetes-validations": [
                  { rule: "self.split('a').size() > 1", messageExpression: "self + self" },
                ],
              },
            },
          }),
        ),
      },
      {
        path: `${definitionsPath}?dryRun=All`,
        body: definition(
          costs.group,
          withSpec({
            a: list(
              {
                type: "string",
                maxLength: 100,
                "x-kubernetes-validations": Array.from({ length: 12 }, () => ({
                  rule: "self.matches('a+')",
                })),
              },
              { maxItems: 10_000 },
            ),
          }),
        ),
      },
    ],
  },
];
