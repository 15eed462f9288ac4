import type { Scenario } from "../../exchange.ts";
import {
  core,
  apps,
  configMap,
  configMaps,
  deploymentSpec,
  get,
  metadata,
  named,
  table,
} from "../reads/requests.ts";

const includes = ["None", "Metadata", "Object"];

export const formTables: readonly Scenario[] = [
  {
    name: "forms of tables",
    exchanges: [
      ...["a", "b", "c"].map((name) => ({ path: configMaps, body: configMap(name, { asked: "yes" }) })),
      ...includes.flatMap((include) =>
        ["v1", "v1beta1"].flatMap((version) => [
          get(`${configMaps}?includeObject=${include}`, table(version)),
          get(`${configMaps}/a?includeObject=${include}`, table(version)),
        ]),
      ),
      {
        ...get(`${configMaps}?limit=2&includeObject=None`, table()),
        take: { next: "metadata.continue" },
      },
      get(`${configMaps}?limit=2&includeObject=None&continue={next}`, table()),
      get(`${configMaps}?limit=2&continue=wrong`, table()),
      get(`${configMaps}?labelSelector=asked=no`, table()),
      get(`${configMaps}?labelSelector=asked=no`, metadata()),
      get(`${configMaps}?labelSelector=a b`, table()),
      get(`${configMaps}?resourceVersion=x`, table()),
      get(`${configMaps}/none?includeObject=Object`, table()),
      get(`/api/v1/nothing`, table()),
      ...[
        `${core}/limitranges`,
        `${core}/pods`,
        "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
        "/apis/storage.k8s.io/v1/namespaces/{ns}/csistoragecapacities",
        "/apis/apiregistration.k8s.io/v1/apiservices?labelSelector=asked=no",
      ].flatMap((path) => [get(path, table()), get(path, metadata())]),
    ],
  },
  {
    name: "tables of writes",
    exchanges: includes.flatMap((include, index) => {
      const headers = { accept: table() };
      const name = `w${index}`;
      return [
        { path: `${configMaps}?includeObject=${include}`, body: configMap(name), headers },
        { path: `${configMaps}?includeObject=${include}`, body: configMap(name), headers },
        {
          method: "PATCH",
          path: `${configMaps}/${name}?includeObject=${include}`,
          type: "application/merge-patch+json",
          body: { data: { x: "y" } },
          headers,
        },
        { method: "DELETE", path: `${configMaps}/${name}?includeObject=${include}`, headers },
        { method: "DELETE", path: `${configMaps}?includeObject=${include}&labelSelector=a=b`, headers },
      ];
    }),
  },
  {
    name: "tables of subresources",
    exchanges: [
      { path: `${apps}/deployments`, body: named("apps/v1", "Deployment", "d", { spec: deploymentSpec() }) },
      ...includes.map((include) => get(`${apps}/deployments/d/scale?includeObject=${include}`, table())),
      get(`${apps}/deployments/d/status?includeObject=None`, table()),
      get("/api/v1/namespaces/{ns}/status?includeObject=None", table()),
      get("/api/v1/namespaces/{ns}?includeObject=None", table()),
      {
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: named("authorization.k8s.io/v1", "SelfSubjectAccessReview", "", {
          metadata: {},
          spec: { resourceAttributes: { verb: "get", resource: "pods" } },
        }),
        headers: { accept: table() },
      },
    ],
  },
];
