import { as } from "../../as-user.ts";
import type { Scenario } from "../../exchange.ts";
import { core, learnt, make, merge, object } from "./objects.ts";

export const nodes: readonly Scenario[] = [
  {
    name: "what a node may do",
    exchanges: [
      as("system:node:admission-n1", { path: "/api/v1/nodes", body: object("v1", "Node", "admission-n1") }),
      as("system:node:admission-n1", { path: "/api/v1/nodes", body: object("v1", "Node", "admission-n2") }),
      { path: "/api/v1/nodes", body: object("v1", "Node", "admission-n2") },
      as("system:node:admission-n1", { path: "/api/v1/nodes/admission-n1" }),
      as("system:node:admission-n1", { path: "/api/v1/nodes/admission-n2" }),
      as("system:node:admission-n1", { path: "/api/v1/nodes" }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n2",
        type: merge,
        body: { metadata: { labels: { a: "b" } } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n1",
        type: merge,
        body: {
          metadata: { labels: { a: "b", "kubernetes.io/odd": "x", "node-restriction.kubernetes.io/a": "b" } },
        },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n1",
        type: merge,
        body: { metadata: { labels: { a: "b", "node.kubernetes.io/odd": "x" } } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n1",
        type: merge,
        body: { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n1",
        type: merge,
        body: { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "b" }] } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n1/status",
        type: merge,
        body: { status: { capacity: { cpu: "1" } } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: "/api/v1/nodes/admission-n2/status",
        type: merge,
        body: {},
      }),
      as("system:node:admission-n1", { method: "DELETE", path: "/api/v1/nodes/admission-n1" }),
      make("mine", { nodeName: "admission-n1", volumes: [{ name: "s", secret: { secretName: "s" } }] }),
      make("other", { nodeName: "admission-n2" }),
      learnt,
      as("system:node:admission-n1", { path: `${core}/pods/mine` }),
      as("system:node:admission-n1", { path: `${core}/pods/other` }),
      as("system:node:admission-n1", { path: "/api/v1/pods" }),
      as("system:node:admission-n1", { path: `/api/v1/pods?fieldSelector=spec.nodeName%3Dadmission-n1` }),
      as("system:node:admission-n1", { path: `/api/v1/pods?fieldSelector=spec.nodeName%3Dadmission-n2` }),
      as("system:node:admission-n1", { path: `${core}/secrets/s` }),
      as("system:node:admission-n1", { path: `${core}/secrets/t` }),
      as("system:node:admission-n1", { path: `${core}/configmaps/kube-root-ca.crt` }),
      as("system:node:admission-n1", { path: `${core}/configmaps` }),
      as("system:node:admission-n1", make("new")),
      as(
        "system:node:admission-n1",
        make("new", { nodeName: "admission-n1" }, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      ),
      as(
        "system:node:admission-n1",
        make("new", { nodeName: "admission-n2" }, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      ),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: `${core}/pods/mine/status`,
        type: merge,
        body: { status: { phase: "Running" } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: `${core}/pods/mine/status`,
        type: merge,
        body: { metadata: { labels: { x: "y" } } },
      }),
      as("system:node:admission-n1", {
        method: "PATCH",
        path: `${core}/pods/other/status`,
        type: merge,
        body: { status: { phase: "Running" } },
      }),
      as("system:node:admission-n1", { method: "DELETE", path: `${core}/pods/other` }),
      as("system:node:admission-n1", {
        path: `${core}/pods/mine/eviction`,
        body: object("policy/v1", "Eviction", "mine"),
      }),
      as("system:node:admission-n1", {
        path: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
        body: object("coordination.k8s.io/v1", "Lease", "admission-n2"),
      }),
      as("system:node:admission-n1", {
        path: `/apis/coordination.k8s.io/v1/namespaces/{ns}/leases`,
        body: object("coordination.k8s.io/v1", "Lease", "admission-n1"),
      }),
      as("system:node:admission-n1", {
        path: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
        body: object("coordination.k8s.io/v1", "Lease", "admission-n1", {
          spec: { holderIdentity: "admission-n1" },
        }),
      }),
      as("system:node:admission-n1", {
        path: "/apis/storage.k8s.io/v1/csinodes",
        body: object("storage.k8s.io/v1", "CSINode", "admission-n2", { spec: { drivers: [] } }),
      }),
      as("system:node:admission-n1", {
        path: "/apis/storage.k8s.io/v1/csinodes",
        body: object("storage.k8s.io/v1", "CSINode", "admission-n1", { spec: { drivers: [] } }),
      }),
      as("system:node:admission-n1", { path: "/apis/apps/v1/deployments" }),
      as("system:node:admission-n1", { path: `${core}/services` }),
      as("system:node:", { path: "/api/v1/nodes/admission-n1" }),
      as("ann", { path: "/api/v1/nodes/admission-n1" }, { group: "system:nodes" }),
      ...["admission-n1", "admission-n2"].map((name) => ({
        method: "DELETE",
        path: `/api/v1/nodes/${name}`,
      })),
      { method: "DELETE", path: "/apis/storage.k8s.io/v1/csinodes/admission-n1" },
      {
        method: "DELETE",
        path: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/admission-n1",
      },
    ],
  },
];
