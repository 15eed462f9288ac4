import type { Exchange, Scenario } from "../../exchange.ts";
import { definition, definitionsPath } from "../../requests/definition.ts";
import { table } from "../reads/requests.ts";
import { merge, remove, watch } from "./requests.ts";

const group = "watched.example.com";
const schema = (more: object = {}): object => ({
  type: "object",
  properties: { spec: { type: "object", properties: { size: { type: "integer" }, ...more } } },
});
const version = (name: string, storage: boolean, properties: object): object => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: schema(properties) },
  selectableFields: [{ jsonPath: ".spec.size" }],
  additionalPrinterColumns: [
    { name: "Size", type: "integer", jsonPath: ".spec.size", description: "how big" },
  ],
});
const define = (storage: string, properties: object = {}): object =>
  definition(group, undefined, {
    spec: { versions: ["v1", "v2"].map((name) => version(name, name === storage, properties)) },
  });
const things = (name = "v1"): string => `/apis/${group}/${name}/namespaces/{ns}/things`;
const thing = (name: string, spec: object, labels: object = {}): object => ({
  apiVersion: `${group}/v1`,
  kind: "Thing",
  metadata: { name, labels },
  spec,
});
const settled: Exchange = { path: "/healthz", pause: 1500 };

export const customs: readonly Scenario[] = [
  {
    name: "changes seen of custom resources",
    exchanges: [
      { path: definitionsPath, body: define("v1") },
      settled,
      { path: things(), body: thing("one", { size: 1 }), take: { first: "metadata.resourceVersion" } },
      watch(`${things()}?resourceVersion={first}`, 4, [
        { path: things(), body: thing("two", { size: 2, more: "dropped" }) },
        merge(`${things()}/one`, { spec: { size: 3 } }),
        merge(`${things("v2")}/one`, { spec: { size: 1 } }),
        remove(`${things()}/two`),
      ]),
      watch(`${things("v2")}?resourceVersion={first}`, 4),
      watch(`${things()}?resourceVersion={first}&fieldSelector=spec.size=1`, 2),
      watch(`${things()}?resourceVersion={first}&fieldSelector=spec.size!=1`, 4),
      watch(`${things()}?fieldSelector=spec.other=1`, 1),
      watch(`${things()}?resourceVersion={first}`, 4, [], table()),
      watch(`/apis/${group}/v1/watch/namespaces/{ns}/things`, 1),
      watch(`${things()}?resourceVersion=x`, 1),
      { path: `${things()}?limit=1&resourceVersion=99999999999` },
      { path: `${things()}?limit=1&continue=x` },
      remove(`${things()}?fieldSelector=spec.size=7`),
      remove(things()),
      { method: "DELETE", path: `${definitionsPath}/things.${group}` },
      settled,
    ],
  },
];
