import type { Exchange, Scenario } from "../../exchange.ts";
import {
  configMap,
  configMaps,
  deployment,
  deployments,
  get,
  json,
  merge,
  one,
  pod,
  pods,
  post,
  put,
  remove,
  strategic,
  web,
} from "./objects.ts";

const yaml = (method: string, path: string, body: string): Exchange => ({
  method,
  path,
  body,
  type: "application/yaml",
});

const twice =
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one","name":"one"},"data":{"a":"1","a":"2"},"x":1,"x":2}';
const odd = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","unknown":1,"labels":{"a":"b","a":"c"}},"spec":{"selector":{"matchLabels":{"a":"b"}},"foo":1,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"a","image":"a","image":"b","bar":{"x":1}},{"name":"b","image":"b","baz":[]}],"containers":[{"name":"a","image":"a","qux":1}]}}},"replicas":1}`;
const twiceYaml =
  "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n  name: one\ndata:\n  a: '1'\n  a: '2'\nx: 1\n";
const unknownYaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\n  foo: bar\nx: 1\ny:\n  z: 1\n";

const quiet = ["?fieldValidation=Ignore", "?fieldValidation=strict"];

export const options: readonly Scenario[] = [
  {
    name: "field validation of JSON",
    exchanges: quiet.flatMap((query) => [
      post(`${configMaps}${query}`, twice),
      put(`${one}${query}`, twice),
      remove(one),
    ]),
  },
  {
    name: "field validation of a deployment",
    exchanges: quiet.flatMap((query) => [
      post(`${deployments}${query}`, odd),
      put(`${web}${query}`, odd),
      remove(web),
    ]),
  },
  {
    name: "field validation of YAML",
    exchanges: quiet.flatMap((query) => [
      yaml("POST", `${configMaps}${query}`, twiceYaml),
      yaml("PUT", `${one}${query}`, unknownYaml),
      remove(one),
    ]),
  },
  {
    name: "field validation of patches",
    exchanges: [
      post(deployments, deployment("web")),
      ...["", ...quiet].flatMap((query) => [
        merge(`${web}${query}`, '{"spec":{"replicas":1,"replicas":2}}'),
        strategic(`${web}${query}`, '{"spec":{"replicas":1,"replicas":2}}'),
        json(`${web}${query}`, [{ op: "add", path: "/spec/foo", value: 1 }]),
      ]),
    ],
  },
  {
    name: "field validation of case",
    exchanges: ["", "?fieldValidation=Strict"].flatMap((query) => [
      post(`${configMaps}${query}`, {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "one" },
        Data: { a: "b" },
      }),
      post(`${configMaps}${query}`, { ApiVersion: "v1", Kind: "ConfigMap", metadata: { name: "two" } }),
    ]),
  },
  {
    name: "dry runs",
    exchanges: [
      post(`${configMaps}?dryRun=All`, configMap("one")),
      get(one),
      post(`${configMaps}?dryRun=`, configMap("one")),
      post(`${configMaps}?dryRun=All`, configMap("one")),
      post(`${configMaps}?dryRun=Some`, configMap("two")),
      post(`${configMaps}?dryRun=All&dryRun=All`, configMap("two")),
      post(`${configMaps}?dryRun=All&dryRun=Some`, configMap("two")),
      post(`${configMaps}?dryRun=true`, configMap("two")),
      post(`${configMaps}?dryRun=All`, configMap("", {}, { name: undefined, generateName: "g-" })),
      put(`${one}?dryRun=All`, configMap("one", { data: { a: "1" } })),
      put(`${one}?dryRun=All`, configMap("one", { data: { a: "1" } }, { resourceVersion: "1" })),
      put(`${configMaps}/two?dryRun=All`, configMap("two")),
      merge(`${one}?dryRun=All`, { data: { a: "1" } }),
      merge(`${one}?dryRun=None`, { data: { a: "1" } }),
      remove(`${one}?dryRun=All`),
      remove(one, { dryRun: ["All"] }),
      remove(one, { dryRun: ["Some"] }),
      remove(one, { dryRun: "All" }),
      remove(`${one}?dryRun=Some`),
      remove(`${configMaps}?dryRun=All`),
      get(one),
      post(`${pods}?dryRun=All`, pod("p")),
      post(pods, pod("p")),
      remove(`${pods}/p?dryRun=All`),
      post(`${pods}/p/eviction?dryRun=All`, {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: "p" },
      }),
      post(`${pods}/p/eviction`, {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { name: "p" },
        deleteOptions: { dryRun: ["All"] },
      }),
      post(`${pods}/p/binding?dryRun=All`, {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: "p" },
        target: { kind: "Node", name: "n" },
      }),
      get(`${pods}/p`),
    ],
  },
  {
    name: "wrong queries of writes",
    exchanges: [
      post(configMaps, configMap("one")),
      ...[
        "?force=true",
        "?force=maybe",
        "?unknown=1",
        "?pretty=true",
        "?pretty=maybe",
        "?timeout=1s",
        "?timeout=soon",
        "?timeout=-1s",
        "?labelSelector=!!",
        "?watch=true",
      ].flatMap((query) => [
        post(`${configMaps}${query}`, configMap("two")),
        put(`${one}${query}`, configMap("one")),
        merge(`${one}${query}`, { data: { a: "1" } }),
        remove(`${configMaps}/two${query}`),
      ]),
      { ...merge(`${one}?force=true&dryRun=x&fieldValidation=y`, {}), type: "application/apply-patch+yaml" },
    ],
  },
  {
    name: "revisions",
    exchanges: [
      {
        ...post(configMaps, configMap("one")),
        take: { version: "metadata.resourceVersion", uid: "metadata.uid" },
      },
      post(configMaps, configMap("two", {}, { resourceVersion: "1" })),
      post(configMaps, configMap("two", {}, { resourceVersion: "0" })),
      post(configMaps, configMap("two", {}, { resourceVersion: "text" })),
      put(one, configMap("one", { data: { a: "1" } }, { resourceVersion: "{version}" })),
      put(one, configMap("one", { data: { a: "2" } }, { resourceVersion: "{version}" })),
      put(one, configMap("one", { data: { a: "2" } }, { resourceVersion: "0" })),
      put(one, configMap("one", { data: { a: "2" } }, { resourceVersion: "text" })),
      put(one, configMap("one", { data: { a: "2" } }, { resourceVersion: "-1" })),
      put(one, configMap("one", { data: { a: "2" } }, { resourceVersion: "01" })),
      put(one, configMap("one", { data: { a: "2" } }, { resourceVersion: 1 })),
      put(one, configMap("one", { data: { a: "2" } }, { uid: "{uid}" })),
      merge(one, { metadata: { resourceVersion: "{version}" }, data: { a: "3" } }),
      strategic(one, { metadata: { resourceVersion: "{version}" }, data: { a: "3" } }),
      json(one, [{ op: "test", path: "/metadata/resourceVersion", value: "1" }]),
      json(one, [{ op: "replace", path: "/metadata/resourceVersion", value: "{version}" }]),
      put(
        one,
        configMap(
          "one",
          {},
          {
            creationTimestamp: "2001-01-01T00:00:00Z",
            generation: 5,
            deletionTimestamp: "2001-01-01T00:00:00Z",
            deletionGracePeriodSeconds: 5,
            selfLink: "/x",
          },
        ),
      ),
      post(
        configMaps,
        configMap(
          "two",
          {},
          {
            uid: "mine",
            creationTimestamp: "2001-01-01T00:00:00Z",
            generation: 5,
            deletionTimestamp: "2001-01-01T00:00:00Z",
            deletionGracePeriodSeconds: 5,
            selfLink: "/x",
          },
        ),
      ),
      put(web, deployment("web")),
      { ...post(deployments, deployment("web")), take: { version: "metadata.resourceVersion" } },
      put(web, deployment("web")),
      put(web, { ...deployment("web"), metadata: { name: "web", resourceVersion: "{version}" } }),
      put(web, {
        ...deployment("web", undefined, { replicas: 3 }),
        metadata: { name: "web", resourceVersion: "{version}" },
      }),
      put(web, {
        ...deployment("web", undefined, { replicas: 4 }),
        metadata: { name: "web", resourceVersion: "{version}" },
      }),
      put("/api/v1/nodes/no-such-node", {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: "no-such-node" },
      }),
      put("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/l", {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "l" },
        spec: {},
      }),
      put("/apis/coordination.k8s.io/v1/namespaces/{ns}/leases/l", {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: "l" },
        spec: {},
      }),
      put("/api/v1/namespaces/{ns}/services/s", {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "s" },
        spec: { ports: [{ port: 1 }] },
      }),
      put("/api/v1/namespaces/{ns}/secrets/s", { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } }),
      put("/api/v1/namespaces/no-such-ns", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "no-such-ns" },
      }),
    ],
  },
];
