import type { Scenario } from "../../exchange.ts";
import {
  configMap,
  configMaps,
  deployment,
  deployments,
  merge,
  post,
  put,
  services,
  service,
} from "./objects.ts";

const names = [
  "",
  "A",
  "a_b",
  "a.b",
  "a..b",
  "-a",
  "a-",
  ".",
  "..",
  "a/b",
  "a%b",
  "a b",
  "é",
  "a".repeat(253),
  "a".repeat(254),
  "1",
];
const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "1" };

const metadatas: readonly object[] = [
  { labels: { a: "b", "x.y/z": "" } },
  { labels: { "": "b" } },
  { labels: { "a b": "b" } },
  { labels: { "a/b/c": "b" } },
  { labels: { "/b": "b" } },
  { labels: { "A_b/c": "b" } },
  { labels: { a: "b c" } },
  { labels: { a: "-" } },
  { labels: { a: "x".repeat(64) } },
  { labels: { ["x".repeat(64)]: "a" } },
  { labels: { [`${"x".repeat(254)}/a`]: "a" } },
  { labels: { "a b": "c d", "-": "-" } },
  { annotations: { "a b": "c" } },
  { annotations: { "": "c" } },
  { annotations: { "A.B/C": "c" } },
  { annotations: { a: "x".repeat(262_145) } },
  { labels: { "a b": "c" }, annotations: { "a b": "c" } },
  { ownerReferences: [owner] },
  {
    ownerReferences: [
      { ...owner, controller: true },
      { ...owner, uid: "2", controller: true },
    ],
  },
  { ownerReferences: [{ ...owner, uid: "" }] },
  { ownerReferences: [{ ...owner, name: "" }] },
  { ownerReferences: [{ ...owner, kind: "" }] },
  { ownerReferences: [{ ...owner, apiVersion: "" }] },
  { ownerReferences: [{ ...owner, apiVersion: "a/b/c" }] },
  { ownerReferences: [{ ...owner, apiVersion: "v1", kind: "Event" }] },
  { ownerReferences: [{}] },
  { ownerReferences: [{ ...owner, blockOwnerDeletion: "yes" }] },
  { ownerReferences: [null] },
  { finalizers: ["example.com/a", "example.com/a"] },
  { finalizers: ["UPPER/a"] },
  { finalizers: [`example.com/${"a".repeat(64)}`] },
  {
    managedFields: [
      {
        manager: "m",
        operation: "Update",
        apiVersion: "v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": {} },
      },
    ],
  },
  { managedFields: [{ manager: "m", operation: "Bad" }] },
  { managedFields: [{ manager: "m\n", operation: "Update", fieldsType: "X" }] },
  { generateName: "Bad_" },
  { generateName: "a".repeat(300) },
  { uid: "mine" },
  { deletionGracePeriodSeconds: 4 },
  { clusterName: "x" },
  { selfLink: "/x" },
];

const changes: readonly object[] = [{ labels: { a: "b", "x.y/z": "" } }, { deletionGracePeriodSeconds: 4 }];

const generated: readonly object[] = [
  { generateName: "g-" },
  { generateName: "g-", name: "fixed" },
  { generateName: "g-", name: "fixed" },
  { generateName: "g-", name: "" },
  { generateName: "" },
  { generateName: 5 },
  {},
];

export const metadataScenarios: readonly Scenario[] = [
  { name: "names", exchanges: names.map((name) => post(configMaps, configMap(name))) },
  {
    name: "names of services",
    exchanges: ["a".repeat(64), "a"].map((name) => post(services, service(name, [{ port: 1 }]))),
  },
  {
    name: "names of namespaces",
    exchanges: ["A", "a.b", "a".repeat(64), "-"].map((name) =>
      post("/api/v1/namespaces", { metadata: { name } }),
    ),
  },
  {
    name: "names of roles",
    exchanges: ["a/b", "a%b", ".."].map((name) =>
      post("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles", { metadata: { name } }),
    ),
  },
  {
    name: "metadata of a create",
    exchanges: metadatas.map((metadata, index) => post(configMaps, configMap(`m${index}`, {}, metadata))),
  },
  {
    name: "metadata of an update",
    exchanges: [
      post(configMaps, configMap("one")),
      ...changes.map((metadata) => put(`${configMaps}/one`, configMap("one", {}, metadata))),
    ],
  },
  {
    name: "metadata of a patch",
    exchanges: [
      post(deployments, deployment("web")),
      ...changes.map((metadata) => merge(`${deployments}/web`, { metadata })),
    ],
  },
  {
    name: "generated names",
    exchanges: generated.map((metadata) =>
      post(configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata }),
    ),
  },
];
