import type { Scenario } from "../../exchange.ts";
import { Resource } from "./requests.ts";

const budgets = new Resource("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets");
const scalers1 = new Resource("autoscaling/v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers");
const scalers = new Resource("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers");
const events1 = new Resource("v1", "Event", "events");
const events = new Resource("events.k8s.io/v1", "Event", "events");
const limits = new Resource("v1", "LimitRange", "limitranges");
const quotas = new Resource("v1", "ResourceQuota", "resourcequotas");
const pods = new Resource("v1", "Pod", "pods");
const deviceClasses = new Resource("resource.k8s.io/v1", "DeviceClass", "deviceclasses", false);
const claims = new Resource("resource.k8s.io/v1", "ResourceClaim", "resourceclaims");
const slices = new Resource("resource.k8s.io/v1", "ResourceSlice", "resourceslices", false);

const scaled = { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" }, maxReplicas: 3 };
const specs = (...all: object[]): { spec: object }[] => all.map((spec) => ({ spec }));
const scalings = (...all: object[]): { spec: object }[] =>
  specs(...all.map((one) => ({ ...scaled, ...one })));
const cpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
};
const limitsOf = (...all: object[]): { spec: object }[] => specs(...all.map((one) => ({ limits: [one] })));
const about = { kind: "Pod", name: "p", namespace: "{ns}" };
const exact = { deviceClassName: "gpu.example" };
const requests = (...all: object[]): { spec: object }[] =>
  specs(...all.map((one) => ({ devices: { requests: [one] } })));

export const policyScenarios: readonly Scenario[] = [
  {
    name: "disruption budgets",
    exchanges: [
      ...budgets.each("budget", [
        {},
        ...specs(
          {},
          { minAvailable: 1 },
          { minAvailable: 1, maxUnavailable: 1 },
          { minAvailable: -1 },
          { minAvailable: "110%" },
          { minAvailable: "nope", selector: {} },
          {
            maxUnavailable: "50%",
            selector: { matchLabels: { a: "b" } },
            unhealthyPodEvictionPolicy: "AlwaysAllow",
          },
          { maxUnavailable: 1, unhealthyPodEvictionPolicy: "Other" },
          { maxUnavailable: 1, selector: { matchLabels: { "a b": "c d" } } },
          { maxUnavailable: 1.5 },
          { minAvailable: "" },
        ),
      ]),
      budgets.merge("budget-2", { spec: { minAvailable: 2 } }),
      budgets.merge(
        "budget-2",
        { status: { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 } },
        "status",
      ),

      budgets.delete("budget-2"),
    ],
  },
  {
    name: "horizontal pod autoscalers",
    exchanges: [
      ...scalers.each("scaler", [
        {},
        { spec: {} },
        ...scalings(
          {},
          { minReplicas: 0 },
          { minReplicas: 5 },
          { maxReplicas: 0 },
          { scaleTargetRef: {} },
          { scaleTargetRef: { kind: "a/b", name: "a%" } },
          { metrics: [] },
          { metrics: [cpu] },

          { metrics: [{ type: "Other" }] },
          { metrics: [{ type: "Resource" }] },
          { metrics: [{ type: "Resource", resource: { name: "", target: { type: "Utilization" } } }] },
          {
            metrics: [
              {
                type: "Resource",
                resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } },
              },
            ],
          },
          {
            metrics: [
              {
                type: "Resource",
                resource: {
                  name: "cpu",
                  target: { type: "Utilization", averageUtilization: 0, averageValue: "1" },
                },
              },
            ],
          },
          {
            metrics: [
              {
                type: "Pods",
                pods: { metric: { name: "a" }, target: { type: "AverageValue", averageValue: "1" } },
              },
            ],
          },

          {
            metrics: [
              {
                type: "Object",
                object: {
                  describedObject: { kind: "Service", name: "s" },
                  metric: { name: "a" },
                  target: { type: "Value", value: "-1" },
                },
              },
            ],
          },

          { behavior: {} },
          { behavior: { scaleUp: {}, scaleDown: { stabilizationWindowSeconds: 3601 } } },

          {
            behavior: {
              scaleUp: { policies: [{ type: "Pods", value: 0, periodSeconds: 1801 }] },
              scaleDown: { tolerance: "0.1" },
            },
          },
        ),
      ]),
      scalers1.get("scaler-2"),
      scalers1.get("scaler-9"),

      ...scalers1.each("old-scaler", [{}, ...scalings({ targetCPUUtilizationPercentage: 0 })]),

      scalers1.delete("scaler-2"),
    ],
  },
  {
    name: "events",
    exchanges: [
      ...events1.each("event", [
        {},
        { involvedObject: about },
        { involvedObject: about, reason: "R", message: "m", type: "Other", count: 3 },
        {
          involvedObject: about,
          type: "Normal",
          source: { component: "c" },
          firstTimestamp: "2026-01-01T00:00:00Z",
        },
        { involvedObject: { kind: "Node", name: "n" } },
        { involvedObject: { ...about, namespace: "other" } },

        {
          involvedObject: about,
          eventTime: "2026-01-01T00:00:00.000000Z",
          reportingComponent: "a.example/c",
          reportingInstance: "i",
          action: "A",
          reason: "R",
          type: "Normal",
        },
      ]),
      ...events.each("new-event", []),

      events.get("event-6"),

      events1.merge("event-2", { count: 4, message: "more" }),

      { path: `${events1.path}?fieldSelector=other%3Dp` },
      events.delete("new-event-gone"),
    ],
  },
  {
    name: "limit ranges",
    exchanges: [
      ...limits.each("limits", [
        ...limitsOf(
          { type: "Container", default: { cpu: "1" } },
          { type: "Container", defaultRequest: { cpu: "3" }, default: { cpu: "2" }, max: { cpu: "1" } },

          { type: "Container", maxLimitRequestRatio: { cpu: "0.5" } },

          { type: "Pod", max: { cpu: "2" }, default: { cpu: "1" }, defaultRequest: { cpu: "1" } },
          { type: "PersistentVolumeClaim", max: { storage: "1Gi" } },
          { type: "PersistentVolumeClaim" },
          { type: "PersistentVolumeClaim", max: { cpu: "1" } },
          { type: "Other", max: { cpu: "1" } },
          { type: "a.example/own", max: { cpu: "1" } },
          { type: "Container", max: { bare: "1", "a.example/b": "1.5" } },
          { type: "Container", max: { cpu: "-1" } },
        ),
        {
          spec: {
            limits: [
              { type: "Pod", max: { cpu: "1" } },
              { type: "Pod", max: { cpu: "2" } },
            ],
          },
        },
      ]),
    ],
  },
  {
    name: "resource quotas",
    exchanges: [
      ...quotas.each("quota", [
        {},
        { spec: {} },
        ...specs(
          { hard: { pods: "1.5" } },
          { hard: { cpu: "-1" } },
          { hard: { bare: "1" } },
          { hard: { "requests.nvidia.com/gpu": "1", "count/jobs.batch": "2", "count/Bad_Name": "1" } },
          { hard: { secrets: "100" }, scopes: ["Terminating"] },
          { hard: { pods: "9" }, scopes: ["Terminating", "NotTerminating"] },
          { hard: { pods: "9" }, scopes: ["BestEffort", "NotBestEffort", "Other"] },
          { hard: { pods: "9" }, scopes: ["BestEffort"] },
          { hard: { cpu: "9" }, scopes: ["BestEffort"] },
          {
            hard: { pods: "9" },
            scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] },
          },
          {
            hard: { pods: "9" },
            scopeSelector: { matchExpressions: [{ scopeName: "Other", operator: "Other", values: ["a"] }] },
          },
          {
            hard: { pods: "9" },
            scopeSelector: {
              matchExpressions: [{ scopeName: "Terminating", operator: "Exists", values: ["a"] }],
            },
          },
        ),
      ]),
      quotas.merge("quota-9", { spec: { scopes: ["Terminating"] } }),
    ],
  },
  {
    name: "limits and quotas at work",
    exchanges: [
      limits.create("l", {
        spec: {
          limits: [
            { type: "Container", max: { cpu: "2" }, default: { cpu: "1" } },
            { type: "PersistentVolumeClaim", max: { storage: "1Gi" } },
          ],
        },
      }),
      pods.create("fits", { spec: { containers: [{ name: "c", image: "i" }] } }),

      {
        path: "/api/v1/namespaces/{ns}/persistentvolumeclaims",
        body: {
          metadata: { name: "c" },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
        },
      },
      quotas.create("q", { spec: { hard: { configmaps: "0", "requests.cpu": "1" } } }),
    ],
  },
  {
    name: "device classes and resource claims",
    exchanges: [
      ...deviceClasses.each("devices", [
        {},
        ...specs(
          {},
          { selectors: [{ cel: { expression: 'device.driver == "a.example"' } }] },

          { config: [{ opaque: { driver: "a.example", parameters: { a: 1 } } }] },

          { extendedResourceName: "a.example/gpu" },
        ),
      ]),
      ...claims.each("claimed", [
        { spec: { devices: {} } },
        ...requests(
          { name: "r", exactly: {} },

          { name: "r", exactly: { ...exact, allocationMode: "Other" } },
        ),
      ]),

      ...slices.each("slice", [
        ...specs({
          driver: "a.example",
          nodeName: "n",
          pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        }),
      ]),
    ],
  },
];
