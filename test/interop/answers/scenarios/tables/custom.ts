import type { Scenario } from "../../exchange.ts";
import { get, named, table } from "../reads/requests.ts";
import { longAgo } from "./requests.ts";

const group = "tables.example.com";
const things = `/apis/${group}/v1/namespaces/{ns}/things`;
const column = (name: string, type: string, jsonPath: string, more: object = {}) => ({
  name,
  type,
  jsonPath,
  ...more,
});
const definition = named("apiextensions.k8s.io/v1", "CustomResourceDefinition", `things.${group}`, {
  spec: {
    group,
    names: { plural: "things", kind: "Thing" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        additionalPrinterColumns: [
          column("Text", "string", ".spec.value", { description: "d", priority: 1 }),
          column("Number", "number", ".spec.value", { format: "double" }),
          column("Integer", "integer", ".spec.value", { format: "int32", priority: -1 }),
          column("Boolean", "boolean", ".spec.value"),
          column("Date", "date", ".spec.value"),
          column("Each", "string", ".spec.items[*].name"),
          column("First", "string", ".spec.items[0].name"),
          column("Last", "string", ".spec.items[-1:].name"),
          column("Quoted", "string", ".metadata.labels['example\\.com/a']"),
          column("Chosen", "string", '.spec.items[?(@.name=="b")].size'),
          column("Age", "date", ".metadata.creationTimestamp"),
        ],
      },
      {
        name: "v2",
        served: true,
        storage: false,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
});
const values: readonly unknown[] = [
  "text",
  "",
  true,
  false,
  0,
  7,
  -3,
  2.5,
  9007199254740991,
  ["a", "b"],
  [1, 2.5, true, null],
  [],
  {},
  { b: 1, a: { c: [] } },
  ["<a>"],
  longAgo,
  "2000-01-01",
  null,
];
const items: readonly (readonly object[])[] = [[{ name: "a" }, { name: "b", size: 2 }], [], [{ name: "z" }]];
const body = (value: unknown, index: number) => {
  const name = `t${String(index).padStart(2, "0")}`;
  const labels = index % 2 === 0 ? { labels: { "example.com/a": `l${index}` } } : {};
  return named(`${group}/v1`, "Thing", name, {
    metadata: { name, ...labels },
    spec: { value, items: items[index % items.length] },
  });
};

export const customTables: readonly Scenario[] = [
  {
    name: "columns of custom resources",
    exchanges: [
      { path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", body: definition },
      ...values.map((value, index) => ({
        path: things,
        body: body(value, index),
        ...(index === 0 && { pause: 3000 }),
      })),
      get(`${things}?includeObject=None`, table()),
      get(`${things}/t01`, table()),
      get(`${things}/t01?includeObject=Object`, table("v1beta1")),
      get(`/apis/${group}/v2/namespaces/{ns}/things?limit=1`, table()),
      get(`${things}?limit=1&includeObject=None`, table()),
      get(`${things}?fieldSelector=metadata.name=none`, table()),
      {
        method: "DELETE",
        path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}?includeObject=None`,
        headers: { accept: table() },
      },
    ],
  },
];
