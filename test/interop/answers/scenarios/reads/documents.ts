import type { Scenario } from "../../exchange.ts";
import { groupVersions, unknown } from "./paths.ts";
import {
  allMethods,
  otherMethods,
  configMap,
  configMaps,
  core,
  get,
  gets,
  methods,
  pods,
} from "./requests.ts";

export const documents: readonly Scenario[] = [
  {
    name: "discovery",
    exchanges: gets([
      "/api/v1",
      "/api/v1/",
      ...groupVersions.map((one) => `/apis/${one}`),
      ...[...new Set(groupVersions.map((one) => one.split("/")[0]!))].map((group) => `/apis/${group}`),
    ]),
  },
  {
    name: "aggregated discovery",
    exchanges: [get("/api", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")],
  },
  {
    name: "aggregated discovery of groups",
    exchanges: ["/apis"].flatMap((path) => [
      get(path, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
      get(path, "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"),
    ]),
  },
  {
    name: "health",
    exchanges: gets([
      ...["healthz", "livez", "readyz"].flatMap((one) => [
        `/${one}`,
        `/${one}/ping`,
        `/${one}/etcd`,
        `/${one}/ping?verbose`,
        `/${one}?exclude=etcd`,
        `/${one}?exclude=none`,
      ]),
    ]),
  },
  { name: "unknown", exchanges: [{ path: configMaps, body: configMap("one") }, ...gets(unknown)] },
  {
    name: "methods",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...[
        "/api/v1",
        "/apis/apps/v1",
        "/version",
        "/healthz",
        "/x",
        pods,
        `${pods}/none`,
        `${pods}/none/status`,
        `${pods}/none/log`,
        `${pods}/none/binding`,
        "/api/v1/pods",
        "/apis/authentication.k8s.io/v1/tokenreviews",
        `${core}/nodes`,
        "/apis/other/v1/x",
      ].flatMap((path) =>
        methods(
          path,
          path.includes("namespaces") || path.includes("tokenreviews") ? otherMethods : allMethods,
        ),
      ),
    ],
  },
  { name: "own version", exchanges: gets(["/version", "/version/"]) },
  {
    name: "empty lists",
    exchanges: gets([
      configMaps,
      pods,
      "/api/v1/namespaces/none/pods",
      "/apis/apps/v1/namespaces/{ns}/deployments",
      `${core}/serviceaccounts`,
    ]),
  },
];
