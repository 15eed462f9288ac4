import type { Scenario } from "../../exchange.ts";
import { configMap, configMaps, get, metadata, pod, pods, queries, threeMaps } from "./requests.ts";
import { fieldSelectors, kindsWithFields, labelSelectors, listCombinations } from "./selectors.ts";

export const lists: readonly Scenario[] = [
  {
    name: "label selectors",
    exchanges: [
      ...threeMaps,
      ...queries(
        configMaps,
        labelSelectors.map((text) => `labelSelector=${text}`),
      ),
    ],
  },
  {
    name: "field selectors",
    exchanges: [
      ...threeMaps,
      ...queries(
        configMaps,
        fieldSelectors.map((text) => `fieldSelector=${text}`),
      ),
      get(`${configMaps}?fieldSelector=x=1&labelSelector=-`),
      get(`${configMaps}?fieldSelector=metadata.name=one&labelSelector=app=db`),
      get(`${configMaps}/one?fieldSelector=x`),
      get("/api/v1/configmaps?fieldSelector=metadata.namespace={ns}"),
      get("/api/v1/configmaps?fieldSelector=metadata.namespace={ns},metadata.name=two"),
    ],
  },
  {
    name: "field selectors by kind",
    exchanges: [
      { path: pods, body: pod("one", { automountServiceAccountToken: false }) },
      ...kindsWithFields.flatMap(([path, fields]) =>
        queries(
          path,
          fields.map((field) => `fieldSelector=${field}&labelSelector=none=1`),
        ),
      ),
      ...queries(pods, [
        "fieldSelector=spec.nodeName=",
        "fieldSelector=status.phase=Pending",
        "fieldSelector=spec.serviceAccountName=default,status.phase!=Failed",
        "fieldSelector=spec.hostNetwork=false",
        "fieldSelector=spec.nodeName=x",
      ]),
    ],
  },
  {
    name: "watch with field selectors by kind",
    exchanges: queries(pods, [
      "fieldSelector=x=1&watch=1&timeoutSeconds=1",
      "labelSelector=-&watch=1&timeoutSeconds=1",
    ]),
  },
  {
    name: "revisions of a list",
    exchanges: [
      ...threeMaps,
      ...queries(configMaps, listCombinations),
      ...queries(configMaps, [
        "resourceVersion=99999999999",
        "resourceVersion=18446744073709551616",
        "resourceVersion={first}&limit=1",
        "resourceVersion={first}&limit=1&resourceVersionMatch=NotOlderThan",
        "sendInitialEvents=true",
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        "sendInitialEvents=false",
        "sendInitialEvents=x",
        "allowWatchBookmarks=true",
        "timeoutSeconds=1",
        "timeoutSeconds=x",
        "timeoutSeconds=-1",
        "limit=x",
        "limit=-1",
        "limit=0",
        "limit=1.5",
        "limit=99999999999999999999",
        "watch=false",
        "watch=0",
        "continue=",
        "continue=x&resourceVersionMatch=Exact&resourceVersion=1",
        "foo=bar",
        "limit=1&limit=2",
        "allowWatchBookmarks=x",
        "resourceVersion=0&resourceVersionMatch=Exact&sendInitialEvents=true&continue=x",
      ]),
    ],
  },
  {
    name: "revision of a get",
    exchanges: [
      ...threeMaps,
      ...queries(`${configMaps}/one`, [
        "resourceVersion=0",
        "resourceVersion={first}",
        "resourceVersion=99999999999",
        "resourceVersionMatch=Exact",
        "resourceVersionMatch=Exact&resourceVersion=0",
        "pretty=true",
        "exact=true",
        "watch=1&timeoutSeconds=1",
        "limit=1",
      ]),
    ],
  },
  {
    name: "pages",
    exchanges: [
      ...threeMaps,
      { path: `${configMaps}?limit=1`, take: { c: "metadata.continue" } },
      { path: `${configMaps}?limit=1&continue={c}`, take: { c: "metadata.continue" } },
      get(`${configMaps}?continue={c}`),
      get(`${configMaps}?limit=5&continue={c}`),
      get(`${configMaps}?limit=1&continue={c}&resourceVersion=0`),
      get(`${configMaps}?limit=1&continue={c}&resourceVersion={first}`),
      get(`${configMaps}?limit=1&continue={c}&resourceVersion={first}&resourceVersionMatch=Exact`),
      get(`${configMaps}?limit=1&continue={c}&labelSelector=app=web`),
      get(`${configMaps}?limit=1&labelSelector=app=web`),
      get(`${configMaps}?limit=2&labelSelector=app=web`),
      get(`${configMaps}?limit=1&fieldSelector=metadata.name=one`),
      get(`${configMaps}?limit=1`, metadata()),
      get(`${configMaps}?limit=3`),
      get(`${configMaps}?limit=2`),
    ],
  },
  {
    name: "watch lists",
    exchanges: [
      ...threeMaps,
      ...queries(
        configMaps,
        [
          "&resourceVersion=0",
          "&resourceVersion={first}",
          "&resourceVersion={third}",
          "&resourceVersion=99999999999",
          "&resourceVersionMatch=Exact",
          "&resourceVersionMatch=NotOlderThan",
          "&resourceVersion=0&resourceVersionMatch=Exact",
          "&sendInitialEvents=true",
          "&sendInitialEvents=true&resourceVersionMatch=Exact",
          "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0",
          "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion={second}",
          "&resourceVersion={first}&labelSelector=app=web",
          "&resourceVersion={first}&fieldSelector=metadata.name=two",
          "&fieldSelector=x=1",
          "&labelSelector=-",
          "&continue=x",
          "&resourceVersion={first}&limit=1",
          "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x",
          "&resourceVersion={first}&pretty=true",
        ].map((text) => `watch=1&timeoutSeconds=1${text}`),
      ),
      get(
        `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion={first}`,
        metadata("PartialObjectMetadata"),
      ),
      get(
        `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion={first}`,
        "application/json;stream=watch",
      ),
      get(`${configMaps}/one?watch=true&timeoutSeconds=1&resourceVersion={first}`),
    ],
  },
  {
    name: "watch of changes",
    exchanges: [
      ...threeMaps,
      { method: "PUT", path: `${configMaps}/one`, body: configMap("one", { app: "db" }) },
      { method: "PUT", path: `${configMaps}/three`, body: configMap("three", { app: "web" }) },
      { method: "DELETE", path: `${configMaps}/two` },
      ...queries(
        configMaps,
        [
          "",
          "&labelSelector=app=web",
          "&labelSelector=!app",
          "&fieldSelector=metadata.name=two",
          "&fieldSelector=metadata.name=one&labelSelector=app=db",
        ].map((text) => `watch=1&timeoutSeconds=1&resourceVersion={first}${text}`),
      ),
      get(
        `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion={first}`,
        metadata("PartialObjectMetadata"),
      ),
    ],
  },
];
