import type { Scenario } from "../../exchange.ts";
import {
  configMap,
  configMaps,
  container,
  deployment,
  deployments,
  get,
  pod,
  pods,
  post,
  service,
  services,
  strategic,
  web,
} from "./objects.ts";

const ports = [
  { containerPort: 80, name: "http" },
  { containerPort: 80, protocol: "UDP" },
];
const env = [
  { name: "A", value: "1" },
  { name: "B", value: "2" },
  { name: "C", value: "3" },
];
const volumes = [
  { name: "v", emptyDir: {} },
  { name: "w", configMap: { name: "w" } },
];
const full = deployment("web", [container("a", { ports, env }), container("b", { args: ["1", "2"] })]);
const template = (spec: object) => ({ spec: { template: { spec } } });

const containers: readonly unknown[] = [
  template({ containers: [{ name: "a", image: "a:2" }] }),
  template({ containers: [{ name: "c", image: "c:1" }] }),
  template({ containers: [{ image: "d:1" }] }),
  template({ containers: [{ name: "b", $patch: "delete" }] }),
  template({ containers: [{ name: "absent", $patch: "delete" }] }),
  template({ containers: [{ $patch: "delete" }] }),
  template({ containers: [{ name: "a", env: [{ name: "B", $patch: "delete" }] }] }),
  template({
    containers: [
      {
        name: "a",
        env: [
          { name: "A", value: null },
          { name: "D", value: "4" },
        ],
      },
    ],
  }),
  template({
    containers: [
      {
        name: "a",
        "$setElementOrder/env": [{ name: "C" }, { name: "A" }, { name: "D" }],
        env: [{ name: "C", value: "x" }],
      },
    ],
  }),
  template({
    containers: [{ name: "a", "$setElementOrder/env": [{ name: "C" }], env: [{ name: "A", value: "x" }] }],
  }),
  template({
    "$setElementOrder/containers": [{ name: "c" }, { name: "a" }],
    containers: [{ name: "a", image: "a:3" }],
  }),
  template({ "$setElementOrder/containers": [{ name: "a" }, { name: "c" }] }),
  template({ "$setElementOrder/containers": {} }),
  template({ containers: [{ name: "a", ports: [{ containerPort: 80, name: "web" }] }] }),
  template({ containers: [{ name: "a", ports: [{ containerPort: 81 }] }] }),
  template({ containers: [{ name: "a", resources: { $patch: "other" } }] }),
  template({ containers: [{ name: "a", $patch: "other" }] }),
  template({ containers: [{ name: "x", image: "x" }, { $patch: "replace" }] }),
  template({ containers: [{ $patch: "replace" }] }),
  template({ containers: null }),
];

const maps: readonly unknown[] = [
  { metadata: { labels: { a: "b" } } },
  { metadata: { labels: { $patch: "replace", c: "d" } } },
  { metadata: { labels: { $patch: "delete" } } },
  { metadata: { labels: null } },
  { metadata: { finalizers: ["example.com/a"] } },
  { metadata: { finalizers: ["example.com/b", "example.com/a"] } },
  { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/a"] } },
  { metadata: { "$deleteFromPrimitiveList/finalizers": ["example.com/absent"] } },
  { metadata: { "$deleteFromPrimitiveList/absent": ["a"] } },
  {
    metadata: {
      "$setElementOrder/finalizers": ["example.com/c", "example.com/b"],
      finalizers: ["example.com/c"],
    },
  },
  { metadata: { "$setElementOrder/finalizers": ["example.com/x"], finalizers: ["example.com/c"] } },
  { metadata: { $retainKeys: ["name"], labels: { a: "b" } } },
  { $patch: "delete" },
  { $patch: "replace" },
  { $patch: "other" },
  { unknown: 1 },
  { spec: { unknown: 1, template: { unknown: 2 } } },
  { metadata: { name: "other" } },
  { metadata: { resourceVersion: "1" } },
  { metadata: { uid: "other" } },
  {},
  "text",
  "",
  "{",
  '{"spec":{"replicas":1,"replicas":2}}',
];

const strategies: readonly unknown[] = [
  { spec: { strategy: { type: "Recreate" } } },
  { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } },
  { spec: { strategy: { $retainKeys: ["type"], type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } },
  {
    spec: {
      strategy: {
        $retainKeys: ["type", "rollingUpdate"],
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: 1 },
      },
    },
  },
  { spec: { strategy: { $retainKeys: "type", type: "Recreate" } } },
  { spec: { strategy: { $retainKeys: [1], type: "Recreate" } } },
  { spec: { selector: { matchLabels: { app: "other" } } } },
  { spec: { template: { spec: { volumes } } } },
  { spec: { template: { spec: { volumes: [{ name: "v", hostPath: { path: "/" } }] } } } },
  {
    spec: {
      template: {
        spec: { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/" } }] },
      },
    },
  },
  {
    spec: {
      template: { spec: { volumes: [{ name: "w", configMap: { items: [{ key: "a", path: "a" }] } }] } },
    },
  },
  {
    spec: {
      template: { spec: { volumes: [{ name: "w", configMap: { items: [{ key: "b", path: "b" }] } }] } },
    },
  },
  { spec: { template: { spec: { tolerations: [{ key: "a", operator: "Exists" }] } } } },
  { spec: { template: { spec: { tolerations: [{ key: "b", operator: "Exists" }] } } } },
  { spec: { template: { spec: { imagePullSecrets: [{ name: "a" }] } } } },
  { spec: { template: { spec: { imagePullSecrets: [{ name: "b" }] } } } },
  { spec: { template: { spec: { hostAliases: [{ ip: "1.2.3.4", hostnames: ["a"] }] } } } },
  {
    spec: {
      template: {
        spec: {
          hostAliases: [
            { ip: "1.2.3.4", hostnames: ["b"] },
            { ip: "1.2.3.5", hostnames: ["b"] },
          ],
        },
      },
    },
  },
  { status: { replicas: 7 } },
];

const conditions: readonly [string, unknown][] = [
  ["", { status: { phase: "Running" } }],
  ["/status", { status: { $patch: "replace", phase: "Failed" } }],
  ["/status", { metadata: { labels: { a: "b" } }, spec: { nodeName: "x" } }],
  ["", { spec: { activeDeadlineSeconds: 5 } }],
  ["", { spec: { containers: [{ name: "a", image: "other" }] } }],
  ["", { spec: { containers: [{ name: "b", image: "other" }] } }],
];

const servicePorts: readonly unknown[] = [
  { spec: { ports: [{ port: 80, targetPort: 8080 }] } },
  { spec: { ports: [{ port: 443, name: "https" }] } },
  {
    spec: {
      ports: [
        { port: 80, name: "http" },
        { port: 443, name: "https" },
      ],
    },
  },
  { spec: { ports: [{ port: 80, $patch: "delete" }] } },
  { spec: { "$setElementOrder/ports": [{ port: 81 }, { port: 443 }], ports: [{ port: 81, name: "more" }] } },
  { spec: { ports: [{ name: "nothing" }] } },
  { spec: { selector: { $patch: "replace", b: "c" } } },
  { spec: { clusterIP: null } },
];

export const strategicPatches: readonly Scenario[] = [
  {
    name: "strategic patches of containers",
    exchanges: [post(deployments, full), ...containers.map((body) => strategic(web, body)), get(web)],
  },
  {
    name: "strategic patches of maps",
    exchanges: [post(deployments, full), ...maps.map((body) => strategic(web, body))],
  },
  {
    name: "strategic patches of a deployment",
    exchanges: [post(deployments, full), ...strategies.map((body) => strategic(web, body))],
  },
  {
    name: "strategic patches of a pod",
    exchanges: [
      post(pods, pod("one")),
      ...conditions.map(([path, body]) => strategic(`${pods}/one${path}`, body)),
    ],
  },
  {
    name: "strategic patches of a service",
    exchanges: [
      post(services, service("one", [{ port: 80 }])),
      ...servicePorts.map((body) => strategic(`${services}/one`, body)),
    ],
  },
  {
    name: "strategic patches of secrets and owners",
    exchanges: [
      post("/api/v1/namespaces/{ns}/secrets", { metadata: { name: "s" }, stringData: { a: "b" } }),
      strategic("/api/v1/namespaces/{ns}/secrets/s", { stringData: { c: "d" } }),
      strategic("/api/v1/namespaces/{ns}/secrets/s", { data: { a: null } }),
      strategic("/api/v1/namespaces/{ns}/secrets/s", { type: "other" }),
      post(
        configMaps,
        configMap(
          "one",
          {},
          { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "x", uid: "1" }] },
        ),
      ),
      strategic(`${configMaps}/one`, {
        metadata: { ownerReferences: [{ uid: "2", apiVersion: "v1", kind: "ConfigMap", name: "y" }] },
      }),
      strategic(`${configMaps}/one`, { metadata: { ownerReferences: [{ uid: "1", $patch: "delete" }] } }),
      strategic(`${configMaps}/one`, { metadata: { ownerReferences: [{ uid: "2", controller: true }] } }),
      strategic(`${configMaps}/one`, { metadata: { ownerReferences: [{ name: "y" }] } }),
      strategic("/api/v1/namespaces/{ns}/serviceaccounts/default", { secrets: [{ name: "a" }] }),
      strategic("/api/v1/namespaces/{ns}/serviceaccounts/default", {
        secrets: [{ name: "b" }],
        imagePullSecrets: [{ name: "p" }],
      }),
      strategic("/api/v1/namespaces/{ns}/serviceaccounts/default", {
        secrets: [{ name: "a", $patch: "delete" }],
        imagePullSecrets: [{ name: "q" }],
      }),
    ],
  },
];
