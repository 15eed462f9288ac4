import type { Scenario } from "../../exchange.ts";
import {
  configMap,
  configMaps,
  container,
  deployment,
  deployments,
  get,
  json,
  merge,
  one,
  post,
  web,
} from "./objects.ts";

const made = post(
  configMaps,
  configMap(
    "one",
    { data: { a: "1", "-": "m" } },
    {
      finalizers: ["example.com/a", "example.com/b"],
      annotations: { "example.com/slash": "s" },
    },
  ),
);

const pointers: readonly unknown[] = [
  [{ op: "replace", path: "/metadata/annotations/example.com~1slash", value: "S" }],
  [{ op: "replace", path: "/data/with~0tilde", value: "T" }],
  [{ op: "replace", path: "/data/~01", value: "U" }],
  [{ op: "replace", path: "/data/with~tilde", value: "TT" }],
  [{ op: "replace", path: "/data/-", value: "M" }],
  [{ op: "add", path: "/data/", value: "empty" }],
  [{ op: "add", path: "/data//b", value: "empty" }],
  [{ op: "replace", path: "", value: { a: 1 } }],
  [{ op: "add", path: "", value: { a: 1 } }],
  [{ op: "remove", path: "" }],
  [{ op: "test", path: "", value: { a: 1 } }],
  [{ op: "test", path: "/", value: null }],
  [{ op: "remove", path: "/" }],
  [{ op: "add", path: "/", value: "x" }],
  [{ op: "replace", path: "data/a", value: "x" }],
  [{ op: "replace", path: "#/data/a", value: "x" }],
  [{ op: "replace", path: "/data/a/b", value: "x" }],
  [{ op: "add", path: "/data/a/b", value: "x" }],
  [{ op: "remove", path: "/data/a/b" }],
  [{ op: "test", path: "/data/a/b", value: "x" }],
  [{ op: "add", path: "/metadata/finalizers/01", value: "example.com/z" }],
  [{ op: "add", path: "/metadata/finalizers/-1", value: "example.com/y" }],
  [{ op: "add", path: "/metadata/finalizers/-9", value: "example.com/x" }],
  [{ op: "add", path: "/metadata/finalizers/1e0", value: "example.com/w" }],
  [{ op: "add", path: "/metadata/finalizers/+1", value: "example.com/v" }],
  [{ op: "replace", path: "/metadata/finalizers/-", value: "example.com/u" }],
  [{ op: "replace", path: "/metadata/finalizers/-1", value: "example.com/t" }],
  [{ op: "replace", path: "/metadata/finalizers/99", value: "example.com/s" }],
  [{ op: "remove", path: "/metadata/finalizers/-" }],
  [{ op: "remove", path: "/metadata/finalizers/-9" }],
  [{ op: "test", path: "/metadata/finalizers/99", value: "example.com/s" }],
  [{ op: "test", path: "/metadata/finalizers/-", value: "example.com/s" }],
  [{ op: "test", path: "/metadata/finalizers/x", value: "example.com/s" }],
];

const operations: readonly unknown[] = [
  [{ op: "test", path: "/data/none", value: null }],
  [{ op: "test", path: "/data/none" }],
  [{ op: "test", path: "/data/a" }],
  [{ op: "test", path: "/none/none", value: null }],
  [{ op: "test", path: "/data", value: { a: "1" } }],
  [{ op: "test", path: "/metadata/finalizers", value: ["example.com/b", "example.com/a"] }],
  [{ op: "test", path: "/metadata/finalizers", value: ["example.com/a", "example.com/b"] }],
  [{ op: "move", from: "/data", path: "/data/inside" }],
  [{ op: "move", from: "/data/a", path: "/data/a" }],
  [{ op: "copy", from: "/data", path: "/data/inside" }],
  [{ op: "copy", from: "/data/a", path: "/data/a" }],
  [{ op: "copy", from: "", path: "/data/all" }],
  [{ op: "move", from: "", path: "/data/all" }],
  [{ op: "move", path: "/data/b" }],
  [{ op: "copy", path: "/data/b" }],
  [{ op: "copy", from: "/metadata/finalizers/0", path: "/metadata/finalizers/-" }],
  [{ op: "copy", from: "/metadata/finalizers/9", path: "/metadata/finalizers/-" }],
  [{ op: "move", from: "/metadata/finalizers/0", path: "/metadata/finalizers/9" }],
  [{ op: "move", from: "/metadata/finalizers/0", path: "/metadata/finalizers/1" }],
  [{ op: "move", from: "/none/a", path: "/data/x" }],
  [{ op: "copy", from: "/none/a", path: "/data/x" }],
  [{ op: "copy", from: "/data/a", path: "/none/x" }],
  [{ op: "add", path: "/metadata/labels/x", value: "y" }],
  [{ op: "replace", path: "/data/a", value: 1 }],
  [{ op: "replace", path: "/data", value: "x" }],
  [{ op: "replace", path: "/data/a" }],
  [{ op: "bogus", path: "/data/a" }],
  [{ op: "Add", path: "/data/a", value: "1" }],
  [{ path: "/data/a", value: "1" }],
  [{ op: "add", value: "1" }],
  [{ op: 1, path: "/data/a", value: "1" }],
  [{ op: "add", path: 1, value: "1" }],
  [{}],
  [null],
  ["add"],
  { op: "add", path: "/data/a", value: "1" },
  null,
  [{ op: "add", path: "/data/many", value: "1", other: 1 }],
  '[{"op":"add","path":"/data/twice","value":"1","value":"2"}]',
  '[{"op":"add","path":"/data/t","value":"1"}] x',
  [
    { op: "add", path: "/data/first", value: "1" },
    { op: "remove", path: "/data/absent" },
  ],
  [
    { op: "test", path: "/data/a", value: "wrong" },
    { op: "remove", path: "/data/absent" },
  ],
];

const many = (count: number) =>
  Array.from({ length: count }, () => ({ op: "add", path: "/data/n", value: "1" }));
const doubling = (count: number) => [
  { op: "add", path: "/data/big", value: "x".repeat(1000) },
  ...Array.from({ length: count }, (_, index) => ({
    op: "copy",
    from: "/data",
    path: `/data/c${index}`,
  })),
];

const nulls: readonly unknown[] = [
  { spec: { template: { spec: { containers: [{ name: "a", image: "a", command: null, env: null }] } } } },
  {
    spec: {
      template: { spec: { containers: [{ name: "a", image: "a", resources: { limits: { cpu: null } } }] } },
    },
  },
  { spec: { template: { spec: { containers: [null] } } } },
  { spec: { template: { metadata: { labels: { app: null } } } } },
  { spec: { template: { metadata: { labels: null } } } },
  { spec: { template: { metadata: null } } },
  { spec: { template: { spec: { nodeSelector: { a: null } } } } },
  { spec: { template: { spec: { affinity: {} } } } },
  { spec: { template: { spec: { affinity: null, securityContext: null, volumes: [] } } } },
  { spec: { template: { spec: null } } },
  { spec: { template: null } },
  { spec: { selector: null } },
  { spec: { selector: { matchLabels: null } } },
  { spec: { strategy: null, revisionHistoryLimit: null, progressDeadlineSeconds: null } },
  { spec: null },
  { status: null },
  { metadata: { labels: { a: null }, annotations: { a: null } } },
  { metadata: { labels: {}, annotations: {}, finalizers: [], ownerReferences: [] } },
  { metadata: { finalizers: [null] } },
  { apiVersion: null },
  { apiVersion: "apps/v2" },
  { kind: "StatefulSet" },
  { apiVersion: "v1", kind: "Pod" },
  { metadata: { managedFields: [] } },
  { metadata: { generateName: "x", selfLink: "y" } },
];

const empties: readonly unknown[] = [
  { spec: { limits: [] } },
  { spec: { limits: null } },
  { spec: {} },
  { spec: null },
];
const limits = "/api/v1/namespaces/{ns}/limitranges";

export const paths: readonly Scenario[] = [
  {
    name: "pointers of JSON patches",
    exchanges: [
      made,
      ...pointers.map((body) => json(one, body)),
      get(one),
      merge(one, { metadata: { finalizers: null } }),
    ],
  },
  {
    name: "operations of JSON patches",
    exchanges: [
      made,
      ...operations.map((body) => json(one, body)),
      get(one),
      merge(one, { metadata: { finalizers: null } }),
    ],
  },
  {
    name: "limits of JSON patches",
    exchanges: [
      made,
      json(one, many(10_000)),
      json(one, many(10_001)),
      json(one, doubling(10)),
      json(one, doubling(13)),
      merge(one, { metadata: { finalizers: null } }),
    ],
  },
  {
    name: "nulls in merge patches",
    exchanges: [
      post(deployments, deployment("web", [container("a")])),
      ...nulls.map((body) => merge(`${web}?dryRun=All`, body)),
      get(web),
    ],
  },
  {
    name: "empty lists in merge patches",
    exchanges: [
      post(limits, { metadata: { name: "l" }, spec: { limits: [{ type: "Pod", max: { cpu: "1" } }] } }),
      ...empties.map((body) => merge(`${limits}/l`, body)),
      post(limits, { metadata: { name: "m" }, spec: { limits: [] } }),
      post(limits, { metadata: { name: "n" } }),
      get(limits),
    ],
  },
];
