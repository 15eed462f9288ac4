import type { Scenario } from "../../exchange.ts";
import { Resource } from "./requests.ts";

const namespaces = new Resource("v1", "Namespace", "namespaces", false);
const nodes = new Resource("v1", "Node", "nodes", false);
const priorities = new Resource("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false);
const runtimes = new Resource("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false);
const apiServices = new Resource("apiregistration.k8s.io/v1", "APIService", "apiservices", false);
const flows = new Resource("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "flowschemas", false);
const levels = new Resource(
  "flowcontrol.apiserver.k8s.io/v1",
  "PriorityLevelConfiguration",
  "prioritylevelconfigurations",
  false,
);
const specs = (...all: object[]): { spec: object }[] => all.map((spec) => ({ spec }));
const everyone = { kind: "Group", group: { name: "system:authenticated" } };
const anything = { verbs: ["*"], apiGroups: ["*"], resources: ["*"], clusterScope: true, namespaces: ["*"] };
const level = { priorityLevelConfiguration: { name: "global-default" } };

export const clusterScenarios: readonly Scenario[] = [
  {
    name: "namespaces",
    exchanges: [
      ...namespaces.each("space", [
        {},
        { spec: { finalizers: ["a.example/b"] } },
        { spec: { finalizers: ["kubernetes", "bare"] } },
        { metadata: { labels: { "kubernetes.io/metadata.name": "other" } } },
        { status: { phase: "Terminating" } },
        { metadata: { name: "dots.in" } },
      ]),
      namespaces.put("space-0", { metadata: { labels: { a: "b" } } }),
      namespaces.put("space-0", { metadata: { labels: { "kubernetes.io/metadata.name": "other" } } }),
      namespaces.put("space-0", { spec: { finalizers: ["a.example/b"] } }),
      namespaces.merge("space-0", { status: { phase: "Terminating" } }, "status"),
      namespaces.merge("space-0", { status: { phase: "Other" } }, "status"),

      namespaces.put("other", { spec: { finalizers: [] } }, "finalize"),
      namespaces.get("space-0", "finalize"),

      namespaces.delete("space-1"),
      namespaces.get("space-1"),
      namespaces.delete("space-1"),
      { path: "/api/v1/namespaces/space-1/configmaps", body: { metadata: { name: "late" } } },

      namespaces.get("space-1"),
      { path: "/api/v1/namespaces/space-1/configmaps", body: { metadata: { name: "late" } } },
      namespaces.delete("default"),
      namespaces.delete("kube-system"),
      { method: "DELETE", path: "/api/v1/namespaces" },
    ],
  },
  {
    name: "nodes",
    exchanges: [
      ...nodes.each("node", [
        {},
        { spec: { podCIDR: "10.1.0.0/24" } },
        { spec: { podCIDR: "nope" } },
        { spec: { podCIDRs: ["10.1.1.0/24", "10.1.2.0/24"] } },
        { spec: { podCIDRs: ["10.1.1.0/24", "2001:db8::/64"] } },
        { spec: { podCIDR: "10.1.0.0/24", podCIDRs: ["10.1.1.0/24"] } },
        {
          spec: {
            taints: [
              { key: "a", effect: "NoSchedule" },
              { key: "a", effect: "NoSchedule" },
            ],
          },
        },
        { spec: { taints: [{ key: "a b", value: "c d", effect: "Other" }, {}] } },
        { spec: { taints: [{ key: "a", effect: "NoExecute", timeAdded: "2026-01-01T00:00:00Z" }] } },
        { spec: { unschedulable: true, providerID: "a://b", externalID: "c" } },

        {
          status: {
            addresses: [
              { type: "InternalIP", address: "192.0.2.1" },
              { type: "InternalIP", address: "192.0.2.1" },
            ],
          },
        },
        { status: { conditions: [{ type: "Ready", status: "True" }], phase: "Running" } },

        { metadata: { name: "Upper" } },
        { metadata: { labels: { "beta.kubernetes.io/os": "linux" } } },
      ]),
      nodes.merge("node-0", { spec: { podCIDR: "10.1.0.0/24" } }),
      nodes.merge("node-0", { spec: { podCIDR: "10.2.0.0/24", podCIDRs: null } }),
      nodes.merge("node-0", { spec: { podCIDR: "10.2.0.0/24", podCIDRs: ["10.2.0.0/24"] } }),
      nodes.merge("node-0", { spec: { providerID: "a://b" } }),
      nodes.merge("node-0", { spec: { providerID: "a://c" } }),
      nodes.merge("node-0", { spec: { unschedulable: true } }),

      nodes.merge("node-0", { status: { phase: "Running" } }),
      nodes.merge("node-0", { status: { capacity: { cpu: "2" }, allocatable: { cpu: "1" } } }, "status"),
      nodes.merge(
        "node-0",
        {
          status: {
            conditions: [{ type: "Ready", status: "True" }],
            images: [{ names: ["a"], sizeBytes: 5 }],
          },
        },
        "status",
      ),
      nodes.merge("node-0", { spec: { unschedulable: false } }, "status"),
      nodes.put("node-0", { spec: {} }),
      nodes.get("node-0", "status"),
      { path: "/api/v1/nodes?fieldSelector=spec.unschedulable%3Dtrue" },
      nodes.delete("node-0"),
      { path: "/api/v1/namespaces/{ns}/nodes" },
    ],
  },
  {
    name: "priority classes",
    exchanges: [
      ...priorities.each("priority", [
        {},
        { value: 5 },
        { value: 1_000_000_001 },
        { value: -5, preemptionPolicy: "Never", description: "d" },
        { value: 5, preemptionPolicy: "Other" },

        { value: 7, globalDefault: true },
        { value: 8, globalDefault: true },
        { value: 2_147_483_648 },
        { metadata: { name: "system-own" }, value: 5 },
        { metadata: { name: "system-node-critical" }, value: 2_000_001_000 },
      ]),
      priorities.put("priority-1", { value: 6 }),
      priorities.put("priority-1", { value: 5, preemptionPolicy: "Never" }),
      priorities.put("priority-1", { value: 5, globalDefault: true }),
      priorities.put("priority-1", { value: 5, description: "new" }),
      priorities.delete("priority-5"),
      priorities.delete("system-cluster-critical"),
    ],
  },
  {
    name: "runtime classes",
    exchanges: [
      ...runtimes.each("runtime", [
        {},
        { handler: "" },
        { handler: "runc" },
        { handler: "Not Valid" },
        { handler: "a.b" },
        { handler: "runc", overhead: {} },
        { handler: "runc", overhead: { podFixed: { cpu: "250m", memory: "64Mi" } } },

        { handler: "runc", scheduling: {} },
        { handler: "runc", scheduling: { nodeSelector: { "a b": "c d" } } },
        { handler: "runc", scheduling: { tolerations: [{ key: "a", operator: "Exists", value: "b" }] } },
        {
          handler: "runc",
          scheduling: {
            tolerations: [
              { key: "a", effect: "NoSchedule" },
              { key: "a", effect: "NoSchedule" },
            ],
          },
        },
      ]),
      runtimes.put("runtime-2", { handler: "other" }),
      runtimes.put("runtime-2", { handler: "runc", scheduling: { nodeSelector: { a: "b" } } }),
      runtimes.delete("runtime-2"),
    ],
  },
  {
    name: "api services",
    exchanges: [
      apiServices.create("v1.local.example", {}),
      ...specs(
        {},
        { group: "a.example", version: "v1" },

        { group: "a.example", version: "v1", groupPriorityMinimum: 20_001, versionPriority: 1001 },
        { group: "a.example", version: "v1", groupPriorityMinimum: 100, versionPriority: 10, service: {} },
        {
          group: "a.example",
          version: "v1",
          groupPriorityMinimum: 100,
          versionPriority: 10,
          service: { name: "s", namespace: "n", port: 0 },
        },
        {
          group: "a.example",
          version: "v1",
          groupPriorityMinimum: 100,
          versionPriority: 10,
          service: { name: "s", namespace: "n" },
          insecureSkipTLSVerify: true,
          caBundle: "AAAA",
        },
        {
          group: "a.example",
          version: "v1",
          groupPriorityMinimum: 100,
          versionPriority: 10,
          insecureSkipTLSVerify: true,
        },
        { group: "A Example", version: "V 1", groupPriorityMinimum: 100, versionPriority: 10 },
        { group: "", version: "v1", groupPriorityMinimum: 100, versionPriority: 10 },
      ).map((more) => apiServices.create("v1.a.example", more)),
      apiServices.put("v1.a.example", {
        spec: { group: "a.example", version: "v1", groupPriorityMinimum: 1000, versionPriority: 15 },
      }),
      apiServices.put("v1.a.example", {
        spec: { group: "a.example", version: "v2", groupPriorityMinimum: 1000, versionPriority: 15 },
      }),
      apiServices.delete("v1.a.example"),

      apiServices.get("v1.not.there"),
    ],
  },
  {
    name: "flow schemas",
    exchanges: [
      ...flows.each("flow", [
        {},
        ...specs(
          {},
          level,
          { ...level, matchingPrecedence: 0 },
          { ...level, matchingPrecedence: 10_001 },
          { ...level, matchingPrecedence: 1 },
          { ...level, distinguisherMethod: { type: "ByUser" } },
          { ...level, distinguisherMethod: { type: "Other" } },
          { ...level, rules: [] },
          { ...level, rules: [{}] },
          { ...level, rules: [{ subjects: [everyone], resourceRules: [anything] }] },
          { ...level, rules: [{ subjects: [{ kind: "User" }], resourceRules: [{}] }] },
          {
            ...level,
            rules: [
              { subjects: [{ kind: "Other" }], nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }] },
            ],
          },
          {
            ...level,
            rules: [
              {
                subjects: [{ kind: "ServiceAccount", serviceAccount: { namespace: "a", name: "*" } }],
                nonResourceRules: [{ verbs: ["get", "*"], nonResourceURLs: ["a", "/a//b", "/c*d", "/e/*"] }],
              },
            ],
          },
          {
            ...level,
            rules: [
              { subjects: [everyone], resourceRules: [{ ...anything, clusterScope: false, namespaces: [] }] },
            ],
          },
          {
            ...level,
            rules: [
              {
                subjects: [everyone],
                resourceRules: [{ ...anything, verbs: ["nope", "get"], namespaces: ["a b"] }],
              },
            ],
          },
          { priorityLevelConfiguration: { name: "not there" } },
          { priorityLevelConfiguration: { name: "absent" } },
        ),
      ]),

      flows.delete("flow-2"),
    ],
  },
  {
    name: "priority levels",
    exchanges: [
      ...levels.each("level", [
        {},
        ...specs(
          {},
          { type: "Limited" },
          { type: "Limited", limited: {} },
          { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
          { type: "Limited", limited: { limitResponse: { type: "Queue" } } },
          { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } },
          {
            type: "Limited",
            limited: {
              limitResponse: { type: "Queue", queuing: { queues: 4, handSize: 8, queueLengthLimit: -1 } },
            },
          },
          { type: "Limited", limited: { limitResponse: { type: "Reject", queuing: {} } } },
          {
            type: "Limited",
            limited: {
              nominalConcurrencyShares: -1,
              lendablePercent: 101,
              borrowingLimitPercent: -1,
              limitResponse: { type: "Other" },
            },
          },
          { type: "Limited", limited: { nominalConcurrencyShares: 0, limitResponse: { type: "Reject" } } },
          { type: "Exempt" },
          { type: "Exempt", exempt: {} },
          { type: "Exempt", limited: { limitResponse: { type: "Reject" } } },
          { type: "Other" },
        ),
      ]),
      levels.merge("level-4", { spec: { limited: { lendablePercent: 10 } } }),
      levels.merge("level-4", { status: { conditions: [{ type: "A", status: "True" }] } }, "status"),
      levels.delete("level-4"),
    ],
  },
];
