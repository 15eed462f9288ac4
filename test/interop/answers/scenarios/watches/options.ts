import type { Exchange, Scenario } from "../../exchange.ts";
import { configMap, configMaps, core, get, pod, pods, queries, threeMaps } from "../reads/requests.ts";
import { make, watch } from "./requests.ts";

const combinations = ["", "0", "{first}", "x"].flatMap((revision) =>
  ["", "Exact", "NotOlderThan", "Other", "exact"].flatMap((match) =>
    ["", "true", "false", "x", "1", "0"].map(
      (initial) =>
        `resourceVersion=${revision}${match && `&resourceVersionMatch=${match}`}${initial && `&sendInitialEvents=${initial}`}`,
    ),
  ),
);
const notOlder = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
const spoken = ["application/json;stream=watch", "application/json, */*", "*/*", ""];
const unspoken = [
  "application/json;stream=other",
  "application/yaml",
  "application/yaml;stream=watch",
  "text/plain",
  "application/json;as=Table;v=v2;g=meta.k8s.io",
];

export const options: readonly Scenario[] = [
  {
    name: "combinations for watches",
    exchanges: [
      ...threeMaps,
      // Of a future that comes, so that the watches that tell nothing end too.
      ...combinations
        .filter((query) => !/=false|=0$/.test(query) || /x|Exact|exact|Other/.test(query))
        .map((query) => watch(`${configMaps}?${query}`, 1)),
    ],
  },
  {
    name: "events at the start",
    exchanges: [
      ...threeMaps,
      watch(`${configMaps}?${notOlder}`, 4, [make("four")]),
      watch(`${configMaps}?${notOlder}&resourceVersion={second}`, 5, [make("five")]),
      watch(`${configMaps}?${notOlder}&labelSelector=app=web&limit=1`, 2),
      watch(`${configMaps}?${notOlder}&allowWatchBookmarks=false&fieldSelector=metadata.name=one`, 1),
      watch(`${configMaps}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan`, 1, [make("six")]),
      watch(`${configMaps}?sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0`, 1, [
        make("seven"),
      ]),
      watch("/apis/apps/v1/namespaces/{ns}/deployments?sendInitialEvents=true", 1),
    ],
  },
  {
    name: "seconds of watches",
    exchanges: [
      ...threeMaps,
      ...["0", "x", "", "1.5", "99999999999999999999", "1&timeoutSeconds=x", "+1"].map(
        (seconds): Exchange => ({
          path: `${configMaps}?watch=1&resourceVersion={second}&timeoutSeconds=${seconds}`,
          lines: 1,
        }),
      ),
      ...["true", "TRUE", "t", "yes", "", "x", "false"].map((text): Exchange => ({
        path: `${configMaps}?watch=${text}&resourceVersion={second}&timeoutSeconds=5`,
        lines: 1,
      })),
      { path: `${configMaps}?watch&resourceVersion={second}&timeoutSeconds=5`, lines: 1 },
    ],
  },
  {
    name: "types of streams",
    exchanges: [
      ...threeMaps,
      ...spoken.map((accept) => ({
        ...watch(`${configMaps}?resourceVersion={second}`, 1, [], accept),
        shows: ["cache-control", "content-encoding"],
      })),
      {
        path: `${configMaps}?watch=1&resourceVersion={second}&timeoutSeconds=5`,
        lines: 1,
        headers: { "accept-encoding": "gzip" },
        shows: ["content-encoding", "vary"],
      },
      watch(`${configMaps}?resourceVersion={first}&limit=1&continue=`, 2),
    ],
  },
  {
    name: "refused types of streams",
    differs: "there are no streams of protobuf, and so no sentence names them",
    exchanges: unspoken.map((accept) => watch(configMaps, 1, [], accept)),
  },
  {
    name: "old paths of watches",
    exchanges: [
      ...threeMaps,
      { path: pods, body: pod("p", { automountServiceAccountToken: false }) },
      watch("/api/v1/watch/namespaces/{ns}/configmaps?resourceVersion={first}", 2),
      watch("/api/v1/watch/namespaces/{ns}/configmaps/two?resourceVersion={first}", 1),
      watch(
        "/api/v1/watch/namespaces/{ns}/configmaps/two?resourceVersion={first}&fieldSelector=metadata.name=three",
        1,
      ),
      watch(
        "/api/v1/watch/configmaps?resourceVersion={first}&labelSelector=app=web&fieldSelector=metadata.namespace={ns}",
        1,
      ),
      watch("/api/v1/watch/namespaces/{ns}", 1),
      watch("/api/v1/watch/namespaces?fieldSelector=metadata.name={ns}", 1),
      watch("/api/v1/watch/namespaces/{ns}/pods/p", 1),
      ...[
        "/api/v1/watch",
        "/api/v1/watch/",
        "/api/v1/watch/none",
        "/api/v1/watch/namespaces/{ns}/pods/p/status",
        "/api/v1/watch/namespaces/{ns}/pods/p/log",
        "/apis/apps/v1/watch",
        "/apis/apps/v1/watch/namespaces/{ns}/deployments/d/scale",
        "/api/v1/watch/componentstatuses",
        "/api/v1/watch/namespaces/{ns}/bindings",
        "/apis/authorization.k8s.io/v1/watch/subjectaccessreviews",
        "/apis/none/v1/watch/things",
      ].map((path) => get(path)),
      ...["POST", "PUT", "PATCH", "DELETE"].flatMap((method): Exchange[] => [
        { method, path: "/api/v1/watch/namespaces/{ns}/configmaps", body: configMap("x") },
        { method, path: "/api/v1/watch/namespaces/{ns}/configmaps/one", body: configMap("one") },
      ]),
      ...[
        `${pods}/p/status?watch=1&timeoutSeconds=1`,
        `${pods}/none/status?watch=1&timeoutSeconds=1`,
        "/apis/apps/v1/namespaces/{ns}/deployments/d/scale?watch=1&timeoutSeconds=1",
        `${pods}/none/log?watch=1&timeoutSeconds=1`,
        `${core}/bindings?watch=1&timeoutSeconds=1`,
        "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?watch=1",
        "/api/v1/componentstatuses?watch=1&timeoutSeconds=1",
        "/api/v1?watch=1",
      ].map((path) => get(path)),
      watch(`${configMaps}/two?resourceVersion={first}`, 1),
      watch(`${configMaps}/two`, 1),
      watch(`${configMaps}/two?fieldSelector=metadata.name=three`, 1),
      watch(`${configMaps}/two?fieldSelector=metadata.name=two&labelSelector=app=web`, 1),
      { method: "DELETE", path: `${configMaps}?watch=1&fieldSelector=metadata.name=none` },
      { path: `${configMaps}?watch=1`, body: configMap("posted") },
    ],
  },
  {
    name: "revisions of the future",
    exchanges: [
      ...threeMaps,
      ...[
        "resourceVersion=99999999999",
        "resourceVersion=99999999999&resourceVersionMatch=Exact",
        "resourceVersion=99999999999&limit=1",
      ].map((query): Exchange => ({ path: `${configMaps}?${query}`, shows: ["retry-after"] })),
      { path: `${configMaps}/one?resourceVersion=99999999999`, shows: ["retry-after"] },
      ...queries(configMaps, ["resourceVersion=99999999999&resourceVersionMatch=NotOlderThan"]),
    ],
  },
];
