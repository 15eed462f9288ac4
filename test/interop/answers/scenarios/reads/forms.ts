import type { Exchange, Scenario } from "../../exchange.ts";
import { accepts, refusedAccepts, tableAccepts } from "./accepts.ts";
import { configMap, configMaps, core, get, gets, metadata, pods, queries, table } from "./requests.ts";
import { tabled } from "./tabled.ts";

/** The server itself writes their status, a moment later. */
const isToldMore = (path: string): boolean => /customresourcedefinitions|flowschemas/.test(path);

export const forms: readonly Scenario[] = [
  {
    name: "accept for a list",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...accepts.map((accept) => get(configMaps, accept)),
    ],
  },
  {
    name: "accept for an object",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...accepts.map((accept) => get(`${configMaps}/one`, accept)),
    ],
  },
  {
    name: "refused accept for a list",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...refusedAccepts.map((accept) => get(configMaps, accept)),
    ],
  },
  {
    name: "refused accept for an object",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...refusedAccepts.map((accept) => get(`${configMaps}/one`, accept)),
    ],
  },
  {
    name: "accept for tables",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...tableAccepts.flatMap((accept) => [get(configMaps, accept), get(`${configMaps}/one`, accept)]),
    ],
  },
  {
    name: "accept for what is not there",
    exchanges: accepts.map((accept) => get(`${configMaps}/none`, accept)),
  },
  {
    name: "accept for discovery",
    exchanges: ["application/json", "*/*"].flatMap((accept) =>
      ["/apis/policy", "/apis/policy/v1", "/healthz", "/openid/v1/x"].map((path) => get(path, accept)),
    ),
  },
  {
    name: "accept for writes",
    exchanges: ["application/yaml", metadata("PartialObjectMetadata")].flatMap(
      (accept, index): Exchange[] => [
        { path: configMaps, body: configMap(`a${index}`), headers: { accept } },
        { method: "PUT", path: `${configMaps}/a${index}`, body: configMap(`a${index}`), headers: { accept } },
        {
          method: "PATCH",
          path: `${configMaps}/a${index}`,
          type: "application/merge-patch+json",
          body: { data: { x: "y" } },
          headers: { accept },
        },
        { method: "DELETE", path: `${configMaps}/a${index}`, headers: { accept } },
      ],
    ),
  },
  {
    name: "pretty",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...gets([`${configMaps}?pretty=true`, `${configMaps}/one?pretty=1`, `${configMaps}/one?pretty=x`]),
    ],
  },
  ...tabled.map(([path, name, body], index): Scenario => ({
    name: `table ${index}`,
    exchanges: [
      { path, body },
      { ...get(`${path}/${name}`, table()), ...(isToldMore(path) && { pause: 1500 }) },
      get(`${path}?includeObject=None&fieldSelector=metadata.name=${name}`, table()),
      get(`${path}?includeObject=Object&fieldSelector=metadata.name=${name}`, table("v1beta1")),
      get(`${path}/${name}`, metadata("PartialObjectMetadata")),
      get(`${path}?fieldSelector=metadata.name=${name}`, metadata()),
    ],
  })),
  {
    name: "table options",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...queries(
        `${configMaps}/one`,
        ["includeObject=", "includeObject=Metadata", "includeObject=Other", "includeObject=none"],
        table(),
      ),
      get(`${configMaps}/none`, table()),
      get(`${core}/secrets`, table()),
      get(pods, table()),
      get(`${configMaps}?includeObject=Other`),
      get("/apis/apps/v1/namespaces/{ns}/deployments/x/scale", table()),
    ],
  },
];
