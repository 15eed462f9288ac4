import type { Exchange, Scenario } from "../../exchange.ts";
import { core, make, merge, object, learnt, sized, template } from "./objects.ts";

const quota = (name: string, hard: object, more: object = {}): Exchange[] => [
  { path: `${core}/resourcequotas`, body: object("v1", "ResourceQuota", name, { spec: { hard, ...more } }) },
  {
    method: "PATCH",
    path: `${core}/resourcequotas/${name}/status`,
    type: merge,
    body: { status: { hard, used: Object.fromEntries(Object.keys(hard).map((key) => [key, "0"])) } },
  },
  learnt,
];
export const quotas: readonly Scenario[] = [
  {
    name: "resource quotas",
    exchanges: [
      ...quota("q", {
        pods: "2",
        "requests.cpu": "1",
        "limits.memory": "1Gi",
        configmaps: "1",
        "services.nodeports": "1",
        "count/deployments.apps": "1",
        "requests.storage": "1Gi",
      }),
      make("without"),
      make("requests", sized({ cpu: "500m" })),
      make("fits", sized({ cpu: "500m" }, { memory: "500Mi" })),
      make("much", sized({ cpu: "600m" }, { memory: "600Mi" })),
      make("second", sized({ cpu: "100m" }, { memory: "100Mi" })),
      make("third", sized({ cpu: "100m" }, { memory: "100Mi" })),
      { path: `${core}/configmaps`, body: object("v1", "ConfigMap", "one") },
      { path: `${core}/configmaps`, body: object("v1", "ConfigMap", "two") },
      { path: `${core}/configmaps?dryRun=All`, body: object("v1", "ConfigMap", "two") },
      {
        path: `${core}/services`,
        body: object("v1", "Service", "s", {
          spec: { type: "NodePort", ports: [{ port: 1 }, { name: "b", port: 2 }] },
        }),
      },
      {
        path: `${core}/persistentvolumeclaims`,
        body: object("v1", "PersistentVolumeClaim", "c", {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
        }),
      },
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: object("apps/v1", "Deployment", "x", {
          spec: { selector: { matchLabels: { a: "b" } }, template: template() },
        }),
      },
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: object("apps/v1", "Deployment", "y", {
          spec: { selector: { matchLabels: { a: "b" } }, template: template() },
        }),
      },
      { path: `${core}/resourcequotas/q` },
    ],
  },
  {
    name: "scoped resource quotas",
    exchanges: [
      ...quota("effort", { pods: "0" }, { scopes: ["BestEffort"] }),
      ...quota(
        "classes",
        { pods: "0" },
        {
          scopeSelector: {
            matchExpressions: [
              { scopeName: "PriorityClass", operator: "In", values: ["system-node-critical"] },
            ],
          },
        },
      ),
      ...quota("ends", { pods: "0" }, { scopes: ["Terminating"] }),
      make("effort"),
      make("burst", sized({ cpu: "1" })),
      make("ends", { activeDeadlineSeconds: 5, ...sized({ cpu: "1" }) }),
      make("critical", { priorityClassName: "system-node-critical", ...sized({ cpu: "1" }) }),
    ],
  },
  {
    name: "wrong resource quotas",
    exchanges: [
      { hard: { pods: "-1" } },
      { hard: { pods: "1500m" } },
      { hard: { unknown: "1" } },
      { hard: { "example.com/x": "1" } },
      { hard: { "requests.example.com/x": "1", "limits.example.com/x": "1" } },
      { hard: { "count/": "1" } },
      { hard: { pods: "1" }, scopes: ["Odd"] },
      { hard: { configmaps: "1" }, scopes: ["BestEffort"] },
      { hard: { pods: "1" }, scopes: ["BestEffort", "NotBestEffort"] },
      { hard: { pods: "1" }, scopes: ["Terminating", "NotTerminating"] },
      { hard: { "requests.cpu": "1" }, scopes: ["BestEffort"] },
      {
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] },
      },
      {
        hard: { pods: "1" },
        scopeSelector: {
          matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists", values: ["x"] }],
        },
      },
      {
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "BestEffort", operator: "In", values: ["x"] }] },
      },
      { hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: "Odd", operator: "Near" }] } },
    ].map((spec, at) => ({
      path: `${core}/resourcequotas?dryRun=All`,
      body: object("v1", "ResourceQuota", `q${at}`, { spec }),
    })),
  },
];
