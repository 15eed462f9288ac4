import type { Scenario } from "../../exchange.ts";
import {
  apply,
  configMap,
  configMaps,
  container,
  deployment,
  deployments,
  get,
  json,
  merge,
  one,
  partly,
  post,
  put,
  said,
  service,
  services,
  web,
} from "../patches/objects.ts";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
const clientSide = (spec: object) => {
  const object = deployment("web", [container("a")], spec);
  return {
    ...object,
    metadata: { name: "web", annotations: { [lastApplied]: `${JSON.stringify(object)}\n` } },
  };
};

export const series: readonly Scenario[] = [
  {
    name: "order of conflicts",
    exchanges: [
      apply(one, said({ z: "1", a: "1", m: "1" }, { labels: { l: "1", k: "1" } }), "first"),
      apply(one, said({ z: "1", b: "1" }, { annotations: { n: "1" } }), "second"),
      merge(`${one}?fieldManager=third`, { data: { m: "2", u: "1" } }),
      merge(`${one}?fieldManager=fourth`, { data: { u: "2" }, metadata: { labels: { k: "2" } } }),
      apply(
        one,
        said(
          { z: "9", a: "9", m: "9", b: "9", u: "9" },
          { labels: { l: "9", k: "9" }, annotations: { n: "9" } },
        ),
        "fifth",
      ),
      apply(one, said({ m: "9", u: "9" }), "fifth"),
      apply(one, said({ a: "9" }), "fifth"),
      apply(one, said({ z: "9", a: "9", m: "9", b: "9", u: "9" }), "fifth", "&force=true"),
      apply(one, said({}, { labels: { l: "1" } }), "first"),
      apply(one, said({}), "second"),
      get(one),
    ],
  },
  {
    name: "removal of shared fields",
    exchanges: [
      apply(one, said({ a: "1", b: "1" }), "first"),
      apply(one, said({ a: "1", c: "1" }), "second"),
      apply(one, said({}), "first"),
      apply(one, said({}), "second"),
      apply(one, configMap("one"), "second"),
      apply(one, configMap("one"), "first"),
      merge(`${one}?fieldManager=third`, { data: { a: "1" } }),
      apply(one, said({ a: "1" }), "first"),
      apply(one, said({}), "first"),
      merge(`${one}?fieldManager=third`, { data: { a: null } }),
      get(one),
    ],
  },
  {
    name: "metadata only",
    exchanges: [
      apply(one, configMap("one"), "first"),
      apply(one, configMap("one", {}, { labels: { a: "b" } }), "first"),
      apply(one, configMap("one", {}, { labels: {} }), "first"),
      apply(one, configMap("one", {}, { labels: null }), "first"),
      apply(one, configMap("one", {}, { annotations: { a: "" }, finalizers: [] }), "first"),
      apply(one, configMap("one", {}, { labels: { a: null } }), "first"),
      apply(one, configMap("one"), "second"),
      apply(web, partly({}), "first"),
      apply(web, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } }, "first"),
    ],
  },
  {
    name: "managed fields that are reset",
    exchanges: [
      apply(one, said({ a: "1" }), "first"),
      merge(`${one}?fieldManager=second`, { metadata: { managedFields: [{}] }, data: { b: "1" } }),
      apply(one, said({ a: "2" }), "first"),
      apply(one, said({ b: "2" }), "third"),
      put(`${one}?fieldManager=fourth`, said({ a: "2" }, { managedFields: [{}] })),
      json(`${one}?fieldManager=fifth`, [{ op: "add", path: "/data/c", value: "1" }]),
      json(`${one}?fieldManager=fifth`, [{ op: "replace", path: "/metadata/managedFields", value: [{}] }]),
      apply(one, said({ c: "1" }), "first"),
      json(`${one}?fieldManager=fifth`, [{ op: "remove", path: "/metadata/managedFields" }]),
      json(`${one}?fieldManager=fifth`, [
        { op: "replace", path: "/metadata/managedFields/0/manager", value: "renamed" },
      ]),
      merge(`${one}?fieldManager=fifth`, { metadata: { managedFields: [] } }),
      json(`${one}?fieldManager=fifth`, [{ op: "replace", path: "/metadata/managedFields", value: [] }]),
      get(one),
    ],
  },
  {
    name: "upgrades from client-side applies",
    exchanges: [
      post(
        `${deployments}?fieldManager=kubectl-client-side-apply`,
        clientSide({ replicas: 2, minReadySeconds: 5 }),
      ),
      apply(web, deployment("web", [container("a")], { replicas: 3 }), "kubectl"),
      apply(web, deployment("web", [container("a")], { replicas: 4 }), "kubectl", "&force=true"),
      merge(`${web}?fieldManager=kubectl-client-side-apply`, { spec: { paused: true } }),
      apply(web, deployment("web", [container("a")]), "kubectl"),
      get(web),
      post(
        `${configMaps}?fieldManager=kubectl-client-side-apply`,
        said(
          { a: "1", b: "1" },
          { annotations: { [lastApplied]: JSON.stringify(said({ a: "1", b: "1" })) } },
        ),
      ),
      apply(one, said({ a: "1" }), "other"),
      apply(one, said({ a: "1" }), "kubectl"),
      merge(`${one}?fieldManager=kubectl-client-side-apply`, {
        metadata: { annotations: { [lastApplied]: "not JSON" } },
      }),
      apply(one, said({ a: "2" }), "kubectl"),
      get(one),
    ],
  },
  {
    name: "managers of statuses",
    exchanges: [
      apply(web, deployment("web", [container("a")], { replicas: 1 }), "first"),
      apply(`${web}/status`, { ...partly({}), status: { replicas: 1, observedGeneration: 1 } }, "first"),
      apply(`${web}/status`, { ...partly({ replicas: 5 }), status: { replicas: 2 } }, "second"),
      apply(
        `${web}/status`,
        { ...partly({ replicas: 5 }, { labels: { a: "b" } }), status: { replicas: 2 } },
        "second",
        "&force=true",
      ),
      apply(
        `${web}/status`,
        { ...partly({}), status: { conditions: [{ type: "Available", status: "True" }] } },
        "third",
      ),
      apply(
        `${web}/status`,
        {
          ...partly({}),
          status: {
            conditions: [
              { type: "Available", status: "False" },
              { type: "Progressing", status: "True" },
            ],
          },
        },
        "fourth",
      ),
      apply(`${web}/status`, { ...partly({}), status: { conditions: [{ status: "False" }] } }, "fourth"),
      apply(web, { ...deployment("web", [container("a")]), status: { replicas: 7 } }, "first"),
      apply(
        `${web}/scale`,
        { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replicas: 5 } },
        "fifth",
      ),
      apply(
        `${web}/scale`,
        { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "web" }, spec: { replicas: 6 } },
        "sixth",
      ),
      apply(web, partly({ replicas: 7 }), "sixth"),
      get(web),
    ],
  },
  {
    name: "what becomes empty",
    exchanges: [
      post(
        `${deployments}?fieldManager=maker`,
        deployment("web", [container("a", { securityContext: {}, resources: {} })]),
      ),
      apply(web, deployment("web", [container("a", { securityContext: { runAsUser: 1 } })]), "first"),
      apply(web, deployment("web", [container("a", { securityContext: {} })]), "first"),
      apply(web, deployment("web", [container("a", { securityContext: { runAsUser: 1 } })]), "first"),
      apply(web, deployment("web", [container("a")]), "first"),
      get(web),
    ],
  },
  {
    name: "duplicates in applies",
    exchanges: [
      apply(web, deployment("web", [container("a"), container("a", { image: "b" })]), "first"),
      apply(
        web,
        deployment("web", [
          container("a", {
            env: [
              { name: "A", value: "1" },
              { name: "A", value: "2" },
            ],
          }),
        ]),
        "first",
      ),
      apply(
        web,
        deployment("web", [
          container("a", { ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }] }),
        ]),
        "first",
      ),
      post(
        deployments,
        deployment("web", [
          container("a", {
            env: [
              { name: "A", value: "1" },
              { name: "A", value: "2" },
            ],
          }),
        ]),
      ),
      apply(
        web,
        partly({ template: { spec: { containers: [{ name: "a", env: [{ name: "A", value: "3" }] }] } } }),
        "second",
        "&force=true",
      ),
      apply(web, partly({ template: { spec: { containers: [{ name: "a", env: [] }] } } }), "second"),
      get(web),
      apply(one, configMap("one", {}, { finalizers: ["example.com/a", "example.com/a"] }), "first"),
      apply(
        `${services}/svc`,
        service("svc", [
          { port: 80, name: "a" },
          { port: 80, name: "b" },
        ]),
        "first",
      ),
      apply(`${services}/svc`, service("svc", [{ port: 80, name: "a" }]), "first"),
      apply(`${services}/svc`, { ...service("svc", []), spec: { ports: [{ name: "x" }] } }, "second"),
      apply(`${services}/svc`, { ...service("svc", []), spec: { ports: [null] } }, "second"),
      apply(`${services}/svc`, { ...service("svc", []), spec: { ports: null } }, "second"),
      apply(`${services}/svc`, { ...service("svc", []), spec: { ports: "x" } }, "second"),
      apply(`${services}/svc`, { ...service("svc", []), spec: "x" }, "second"),
      apply(`${services}/svc`, { ...service("svc", []), spec: null }, "second"),
    ],
  },
];
