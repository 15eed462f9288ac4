import type { Scenario } from "../../exchange.ts";
import {
  configMap,
  configMaps,
  container,
  deployment,
  deployments,
  get,
  post,
  strategic,
  web,
} from "./objects.ts";

const template = (spec: object) => ({ spec: { template: { spec } } });
const full = deployment("web", [
  container("a", {
    env: [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ],
    args: ["1", "2"],
  }),
  container("b"),
]);
const withVolume = {
  ...full,
  spec: {
    ...full.spec,
    template: {
      ...full.spec.template,
      spec: { ...full.spec.template.spec, volumes: [{ name: "v", emptyDir: {} }] },
    },
  },
};

const lists: readonly unknown[] = [
  template({ containers: [{ name: "a", $patch: "replace", image: "x" }] }),
  template({ containers: [{ $patch: "merge", name: "a", image: "y" }] }),
  template({
    containers: [
      { name: "a", $patch: "delete" },
      { name: "a", image: "again" },
    ],
  }),
  template({
    containers: [
      { name: "b", image: "b:2" },
      { name: "b", image: "b:3" },
    ],
  }),
  template({
    containers: [{ name: "n", image: "n" }, { name: "a", $patch: "delete" }, { $patch: "replace" }],
  }),
  template({ containers: ["text"] }),
  template({ containers: [null] }),
  template({ containers: "text" }),
  template({ containers: {} }),
  template({ containers: [{ name: 5 }] }),
  template({ containers: [{ name: null, image: "x" }] }),
  template({ containers: [{ name: "b", args: ["3"] }] }),
  template({ containers: [{ name: "b", args: [] }] }),
  template({ containers: [{ name: "b", args: null }] }),
  template({ containers: [{ name: "b", "$deleteFromPrimitiveList/args": ["1"] }] }),
  template({ containers: [{ name: "b", "$setElementOrder/args": ["1"] }] }),
  template({ "$setElementOrder/containers": [{ name: "b" }, { name: "zzz" }] }),
  template({ "$setElementOrder/containers": [{ image: "b" }], containers: [{ name: "b", image: "b" }] }),
  template({ "$setElementOrder/containers": ["b"], containers: [{ name: "b", image: "b" }] }),
  template({
    "$setElementOrder/containers": [{ name: "b" }, { name: "n" }],
    containers: [
      { name: "b", image: "b:4" },
      { name: "n", image: "n:2" },
    ],
  }),
  template({ "$setElementOrder/containers": [{ name: "b" }], containers: [{ name: "b", $patch: "delete" }] }),
  template({ "$setElementOrder/absent": [{ name: "b" }] }),
  template({ "$deleteFromPrimitiveList/containers": ["a"] }),
  template({ volumes: [{ name: "v", emptyDir: {} }] }),
  template({ volumes: [{ name: "v", $retainKeys: ["name", "emptyDir"], hostPath: { path: "/" } }] }),
  template({
    volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/" }, emptyDir: null }],
  }),
  template({ volumes: [{ name: "v", $patch: "replace", emptyDir: {} }] }),
  template({
    volumes: [
      { $patch: "delete", name: "v" },
      { name: "u", emptyDir: {} },
    ],
  }),
  template({ volumes: [{ $patch: "replace" }, { name: "t", emptyDir: {} }] }),
  template({ volumes: [] }),
];

const wholes: readonly unknown[] = [
  { spec: { $patch: "delete" } },
  { spec: { $patch: "replace", replicas: 2 } },
  { spec: { template: { $patch: "delete" } } },
  { spec: { strategy: { $patch: "replace", type: "Recreate" } } },
  { spec: { strategy: { $patch: "delete" } } },
  { spec: { strategy: { $patch: 5 } } },
  { spec: { strategy: { $patch: null, type: "Recreate" } } },
  { spec: { strategy: { $retainKeys: ["type"] } } },
  { spec: { strategy: { $retainKeys: [] } } },
  { spec: { strategy: { $retainKeys: ["rollingUpdate"], type: "Recreate" } } },
  { spec: { strategy: { $retainKeys: null, type: "Recreate" } } },
  { spec: { strategy: "text" } },
  { spec: { strategy: [] } },
  { spec: "text" },
  { spec: [] },
  { spec: null },
  { metadata: { labels: { $patch: "merge", a: "b" } } },
  { metadata: { labels: { $patch: "replace" } } },
  { metadata: { labels: { a: "b" }, $patch: "replace" } },
  { metadata: { finalizers: ["example.com/a", "example.com/a"] } },
  { metadata: { finalizers: ["example.com/b"], "$deleteFromPrimitiveList/finalizers": ["example.com/a"] } },
  { metadata: { finalizers: [{ $patch: "replace" }, "example.com/c"] } },
  { metadata: { finalizers: [1] } },
  { metadata: { finalizers: "x" } },
  { metadata: { "$deleteFromPrimitiveList/finalizers": "x" } },
  { metadata: { "$deleteFromPrimitiveList/finalizers": [] } },
  { metadata: { "$setElementOrder/finalizers": "x" } },
  { metadata: { "$setElementOrder/finalizers": [1], finalizers: ["example.com/b"] } },
  { metadata: { "$unknown/finalizers": ["a"] } },
  { $unknown: 1 },
  { $retainKeys: ["metadata"] },
  { metadata: { finalizers: null } },
  { metadata: { ownerReferences: [{ $patch: "replace" }] } },
];

const data: readonly unknown[] = [
  { data: { $patch: "replace", z: "1" } },
  { data: { $patch: "delete" } },
  { data: { $retainKeys: ["a"], a: "1" } },
  { data: { "$setElementOrder/x": ["a"] } },
  { data: { "$deleteFromPrimitiveList/x": ["a"] } },
  { data: { $patch: "add" } },
  { $patch: "replace", data: { q: "1" } },
  { $patch: "delete", data: { q: "1" } },
];

export const directives: readonly Scenario[] = [
  {
    name: "directives in lists",
    exchanges: [
      post(deployments, withVolume),
      ...lists.map((body) => strategic(`${web}?dryRun=All`, body)),
      get(web),
    ],
  },
  {
    name: "directives in objects",
    exchanges: [
      post(deployments, {
        ...full,
        metadata: { name: "web", finalizers: ["example.com/a", "example.com/b"] },
      }),
      ...wholes.map((body) => strategic(`${web}?dryRun=All`, body)),
      strategic(web, { metadata: { finalizers: null } }),
    ],
  },
  {
    name: "directives in data",
    exchanges: [
      post(configMaps, configMap("one", { data: { a: "1" } })),
      ...data.map((body) => strategic(`${configMaps}/one?dryRun=All`, body)),
      get(`${configMaps}/one`),
    ],
  },
];
