import type { Exchange, Scenario } from "../../exchange.ts";
import { definition, definitionsPath, withSpec } from "../../requests/definition.ts";
import { keyed, Things, integer, pause, string } from "../custom/things.ts";

const shapes = new Things("shapes");
const loose = new Things("loose");
const many = new Things("many");

/** Defined first and deleted at last. */
export const defining = (
  name: string,
  body: Record<string, unknown>,
  exchanges: readonly Exchange[],
): Scenario => {
  const { name: definitionName } = body["metadata"] as { name: string };
  return {
    name,
    exchanges: [
      { path: definitionsPath, body },
      pause,
      ...exchanges,
      { method: "DELETE", path: `${definitionsPath}/${definitionName}` },
    ],
  };
};
const says = (things: Things, manager: string, spec: unknown, more = "", object: object = {}): Exchange =>
  things.patch("apply", `/a?fieldManager=${manager}${more}`, things.thing("a", spec, object));

const objects = {
  type: "array",
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["name"],
  items: {
    type: "object",
    required: ["name"],
    properties: {
      name: string,
      inner: keyed,
      set: { type: "array", items: string, "x-kubernetes-list-type": "set" },
    },
  },
};
const atomicObject = {
  type: "object",
  "x-kubernetes-map-type": "atomic",
  properties: { x: string, y: string },
};
const schema = withSpec({
  text: string,
  whole: integer,
  flag: { type: "boolean" },
  none: { type: "string", nullable: true },
  either: { "x-kubernetes-int-or-string": true },
  objects,
  keyed,
  sets: { type: "array", items: atomicObject, "x-kubernetes-list-type": "set" },
  set: { type: "array", items: string, "x-kubernetes-list-type": "set" },
  atomic: {
    type: "array",
    items: { type: "object", properties: { x: string } },
    "x-kubernetes-list-type": "atomic",
  },
  plain: { type: "array", items: { type: "object", properties: { x: string } } },
  atomicObject,
  map: { type: "object", additionalProperties: { type: "object", properties: { x: string } } },
  any: { "x-kubernetes-preserve-unknown-fields": true },
});

const status = (replicas: number) => ({ status: { replicas } });
const scale = (replicas: number, more: object = {}) => ({
  apiVersion: "autoscaling/v1",
  kind: "Scale",
  metadata: { name: "a", ...more },
  spec: { replicas },
});

const versionOf = (name: string, storage: boolean, properties: object) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: withSpec(properties) },
});
const twoVersions = definition(many.group, undefined, {
  spec: {
    versions: [
      versionOf("v1", true, { text: string, one: { type: "string", default: "1" } }),
      versionOf("v2", false, { text: string, one: { type: "string", default: "2" } }),
    ],
  },
});
const inVersion = (version: string, name: string, spec: unknown): object => ({
  ...many.thing(name, spec),
  apiVersion: `${many.group}/${version}`,
});
const applyIn = (version: string, manager: string, spec: unknown, more = ""): Exchange => ({
  method: "PATCH",
  path: many.path(`/a?fieldManager=${manager}${more}`, version),
  type: "application/apply-patch+yaml",
  body: inVersion(version, "a", spec),
});

export const customApplies: readonly Scenario[] = [
  defining("wrong shapes in applies of custom resources", definition(shapes.group, schema), [
    ...[
      { text: 1 },
      { text: null },
      { whole: "1" },
      { whole: 1.5 },
      { flag: "true" },
      { none: null },
      { either: true },
      { either: 1 },
      { unknown: 1 },
      { objects: {} },
      { objects: ["x"] },
      { objects: [{}] },
      { objects: [{ name: 1 }] },
      { objects: [{ name: null }] },
      { objects: [{ name: "a" }, { name: "a" }] },
      { objects: [{ name: "a", inner: [{ name: "x" }, { name: "x", port: 80 }] }] },
      { objects: [{ name: "a", inner: [{ port: 80 }] }] },
      { objects: [{ name: "a", set: ["x", "x"] }] },
      { objects: [null] },
      { objects: null },
      { keyed: [{ name: "a" }, { name: "a", port: 80 }] },
      { keyed: [{ name: "a" }, { name: "a", port: 81 }] },
      { keyed: [{ name: "a", port: "x" }] },
      { sets: [{ x: "1" }, { x: "1" }] },
      { sets: [{ x: "1" }, { x: "2" }] },
      { set: ["a", "a", "a"] },
      { set: [1] },
      { set: [null] },
      { set: "x" },
      { atomic: [{ x: "1" }, { x: "1" }] },
      { atomic: [{ x: 1 }] },
      { plain: [{ y: "1" }] },
      { atomicObject: [] },
      { atomicObject: { x: 1 } },
      { map: { a: { x: 1 } } },
      { map: { a: null } },
      { map: "x" },
      { any: null },
      { any: [1, { a: null }] },
      "text",
      [],
      null,
    ].map((spec) => says(shapes, "one", spec, "&dryRun=All")),
    says(shapes, "one", { unknown: 1 }, "&dryRun=All&fieldValidation=Strict"),
    says(shapes, "one", { unknown: 1 }, "&dryRun=All&fieldValidation=Warn"),
    says(shapes, "one", {}, "&dryRun=All", { unknown: 1 }),
    says(shapes, "one", {}, "&dryRun=All", { metadata: { unknown: 1 } }),
  ]),
  defining("series of applies of custom resources", definition(shapes.group, schema), [
    says(shapes, "one", {
      text: "x",
      objects: [{ name: "a", inner: [{ name: "x", value: "1" }], set: ["s"] }],
      atomicObject: { x: "1" },
    }),
    says(shapes, "two", {
      text: "y",
      objects: [{ name: "a", inner: [{ name: "x", value: "2" }], set: ["t"] }],
      atomicObject: { y: "1" },
    }),
    says(shapes, "two", {
      objects: [{ name: "a", inner: [{ name: "y", value: "2" }], set: ["t"] }, { name: "b" }],
      sets: [{ x: "1" }],
    }),
    says(shapes, "one", { objects: [{ name: "a" }], sets: [{ x: "1" }, { x: "2" }] }),
    says(shapes, "two", {
      plain: [{ x: "1" }],
      atomic: [{ x: "1" }],
      map: { a: { x: "1" } },
      any: { b: { c: [1, { d: 2 }] } },
    }),
    says(shapes, "one", {
      plain: [{ x: "2" }],
      atomic: [{ x: "2" }],
      map: { a: { x: "2" }, b: { x: "1" } },
      any: { b: { c: [2] }, e: 1 },
    }),
    says(
      shapes,
      "one",
      {
        plain: [{ x: "2" }],
        atomic: [{ x: "2" }],
        map: { a: { x: "2" }, b: { x: "1" } },
        any: { b: { c: [2] }, e: 1 },
      },
      "&force=true",
    ),
    shapes.patch("merge", "/a?fieldManager=three", { spec: { set: ["a", "a"], any: { e: 2 } } }),
    shapes.patch("merge", "/a?fieldManager=three", {
      spec: { set: ["a", "b"], objects: [{ name: "z" }], any: { e: 2 } },
    }),
    says(shapes, "one", { any: { e: 3 }, objects: [{ name: "z", set: ["q"] }], set: ["b", "c"] }),
    says(shapes, "one", undefined),
    shapes.get("/a"),
    shapes.patch("apply", "/a?fieldManager=one", {
      apiVersion: `${shapes.group}/v2`,
      kind: "Thing",
      metadata: { name: "a" },
    }),
    shapes.patch("apply", "/a?fieldManager=one", {
      apiVersion: `${shapes.group}/v1`,
      kind: "Other",
      metadata: { name: "a" },
    }),
    shapes.patch("apply", "/a?fieldManager=one", "not: [closed"),
  ]),
  defining(
    "applies of custom resources without types",
    definition(
      loose.group,
      { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      {
        version: {
          subresources: {
            status: {},
            scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" },
          },
        },
      },
    ),
    [
      says(loose, "one", { a: { b: [1, 2] }, list: [{ name: "a" }], replicas: 1 }),
      says(loose, "two", { a: { b: [1], c: 1 }, list: [{ name: "b" }] }),
      says(loose, "two", { a: { c: 1 } }),
      says(loose, "two", { a: "text" }),
      says(loose, "two", { a: "text" }, "&force=true"),
      says(loose, "one", { replicas: 1 }),
      loose.patch("apply", "/a/status?fieldManager=one", {
        ...loose.thing("a", { replicas: 9 }),
        ...status(3),
      }),
      loose.patch("apply", "/a/status?fieldManager=two", { ...loose.thing("a"), ...status(4) }),
      loose.patch("apply", "/a/scale?fieldManager=three", scale(2)),
      loose.patch("apply", "/a/scale?fieldManager=three&force=true", scale(2)),
      loose.patch("apply", "/a/scale?fieldManager=three&force=true", scale(-2)),
      loose.patch("apply", "/a/scale?fieldManager=three", loose.thing("a", { replicas: 1 })),
      loose.patch("apply", "/b/scale?fieldManager=three", scale(2)),
      loose.patch("apply", "/b/status?fieldManager=three", { ...loose.thing("b"), ...status(4) }),
      loose.patch("merge", "/a/scale?fieldManager=four", { spec: { replicas: 8 } }),
      says(loose, "one", { replicas: 7 }, "", status(1)),
      says(loose, "one", { replicas: 7 }, "&force=true", status(1)),
      loose.get("/a"),
    ],
  ),
  defining("applies in several versions", twoVersions, [
    applyIn("v1", "one", { text: "x", one: "a" }),
    { path: many.path("/a", "v2") },
    applyIn("v2", "two", { text: "y" }),
    applyIn("v2", "two", { one: "b" }),
    applyIn("v2", "two", { text: "y", one: "b" }, "&force=true"),
    { path: many.path("/a", "v1") },
    applyIn("v2", "one", { one: "c" }),
    applyIn("v1", "one", { text: "z" }),
    {
      method: "PATCH",
      path: many.path("/a?fieldManager=three", "v2"),
      type: "application/merge-patch+json",
      body: { spec: { text: "w" } },
    },
    { path: many.path("/a", "v1") },
    {
      method: "PATCH",
      path: many.path("/a?fieldManager=one", "v1"),
      type: "application/apply-patch+yaml",
      body: inVersion("v2", "a", {}),
    },
  ]),
];
