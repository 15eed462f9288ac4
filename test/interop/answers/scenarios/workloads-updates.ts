import type { Exchange, Scenario } from "../exchange.ts";
import { container, podsPath, podWith } from "../pods.ts";

const merge = "application/merge-patch+json";
const strategic = "application/strategic-merge-patch+json";
const json = "application/json-patch+json";
const apps = "/apis/apps/v1/namespaces/{ns}";
const labels = { app: "a" };
const template = (spec: object = {}): object => ({
  metadata: { labels },
  spec: { containers: [container()], ...spec },
});
const workload = (kind: string, name: string, spec: object = {}): object => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name },
  spec: { selector: { matchLabels: labels }, template: template(), ...spec },
});
const patch = (path: string, body: object, type = merge): Exchange => ({ method: "PATCH", path, body, type });
const pod = `${podsPath}/p`;
const changing = (spec: object): Exchange => patch(pod, { spec });
const gated = { schedulingGates: [{ name: "a" }, { name: "b" }] };
const binding = (more: object = {}): object => ({
  apiVersion: "v1",
  kind: "Binding",
  metadata: { name: "p" },
  target: { kind: "Node", name: "n" },
  ...more,
});
const eviction = (more: object = {}): object => ({
  apiVersion: "policy/v1",
  kind: "Eviction",
  metadata: { name: "p" },
  ...more,
});
const scaled = (at: string, kind: string): Scenario => ({
  name: `scale of ${at}`,
  exchanges: [
    { path: `${apps}/${at}`, body: workload(kind, "w", { replicas: 2 }) },
    { path: `${apps}/${at}/w/scale` },
    patch(`${apps}/${at}/w/scale`, { spec: { replicas: 3 } }),
    patch(`${apps}/${at}/w/scale`, { spec: { replicas: -1 } }),
    patch(`${apps}/${at}/w/scale`, { spec: { replicas: null } }),
    {
      method: "PUT",
      path: `${apps}/${at}/w/scale`,
      body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "w" }, spec: { replicas: 4 } },
    },
    {
      method: "PUT",
      path: `${apps}/${at}/w/scale`,
      body: { apiVersion: "autoscaling/v1", kind: "Scale", metadata: { name: "x" }, spec: { replicas: 4 } },
    },
    { path: `${apps}/${at}/nobody/scale` },
    patch(`${apps}/${at}/nobody/scale`, { spec: { replicas: 3 } }),
    { path: `${apps}/${at}/w` },
  ],
});
const changed = (at: string, kind: string, ...specs: object[]): Scenario => ({
  name: `changes of ${at}`,
  exchanges: [
    { path: `${apps}/${at}`, body: workload(kind, "w") },
    { method: "PUT", path: `${apps}/${at}/w`, body: workload(kind, "w") },
    patch(`${apps}/${at}/w`, { spec: { selector: { matchLabels: { app: "b" } } } }),
    patch(`${apps}/${at}/w`, { spec: { minReadySeconds: 5 } }),
    patch(`${apps}/${at}/w`, { spec: { template: { spec: { containers: [container({ image: "" })] } } } }),
    patch(`${apps}/${at}/w`, { spec: { template: { metadata: { annotations: { a: "b" } } } } }),
    patch(`${apps}/${at}/w`, { metadata: { labels: { a: "b" } }, status: { observedGeneration: 5 } }),
    patch(`${apps}/${at}/w`, {
      spec: { template: { spec: { nodeSelector: { "beta.kubernetes.io/os": "a" } } } },
    }),
    patch(`${apps}/${at}/w/status`, { status: { observedGeneration: 5 }, spec: { minReadySeconds: 9 } }),
    patch(`${apps}/${at}/w/status`, { metadata: { labels: { c: "d" }, annotations: { c: "d" } } }),
    patch(`${apps}/${at}/w/status`, { status: { observedGeneration: -1 } }),
    ...specs.map((spec) => patch(`${apps}/${at}/w`, { spec })),
    { path: `${apps}/${at}/w` },
  ],
});

export const scenarios: readonly Scenario[] = [
  {
    name: "changes of a pod",
    exchanges: [
      { path: podsPath, body: podWith("p", { activeDeadlineSeconds: 10 }) },
      changing({ containers: [container({ image: "j" })] }),
      patch(pod, { spec: { containers: [{ name: "c", image: "k" }] } }, strategic),
      patch(pod, { spec: { containers: [{ name: "c", image: "" }] } }, strategic),
      patch(pod, { spec: { containers: [{ name: "d", image: "k" }] } }, strategic),
      patch(pod, { spec: { containers: [{ name: "c", command: ["x"] }] } }, strategic),
      changing({ containers: [] }),
      changing({ nodeName: "other" }),
      changing({ restartPolicy: "Never" }),
      changing({ hostNetwork: true, dnsPolicy: "Default" }),
      changing({ activeDeadlineSeconds: 5 }),
      changing({ activeDeadlineSeconds: 6 }),
      changing({ activeDeadlineSeconds: null }),
      changing({ tolerations: [] }),
      patch(pod, [{ op: "add", path: "/spec/tolerations/-", value: { key: "a", operator: "Exists" } }], json),
      changing({ terminationGracePeriodSeconds: 5 }),
      changing({ schedulingGates: [{ name: "a" }] }),
      changing({ nodeSelector: { a: "b" } }),
      changing({ ephemeralContainers: [container({ name: "e" })] }),
      patch(pod, { metadata: { labels: { a: "b" }, annotations: { a: "b" } }, status: { phase: "Failed" } }),
      patch(pod, { metadata: { name: "q" } }),
      patch(pod, { metadata: { uid: "other" } }),
      patch(pod, { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "A", name: "a", uid: "u" }] } }),
      patch(pod, { metadata: { finalizers: ["nope"] } }),
      { method: "PUT", path: pod, body: podWith("p") },
      { method: "PUT", path: pod, body: podWith("q") },
      { path: pod },
    ],
  },
  {
    name: "scheduling gates",
    exchanges: [
      { path: podsPath, body: podWith("p", gated) },
      changing({ nodeSelector: { a: "b" } }),
      changing({ nodeSelector: { a: "c" } }),
      changing({ schedulingGates: [{ name: "a" }] }),
      changing({ schedulingGates: [{ name: "a" }, { name: "c" }] }),
      { path: `${pod}/binding`, body: binding() },
      changing({ schedulingGates: [] }),
      changing({ nodeSelector: { a: "b", c: "d" } }),
      { path: pod },
    ],
  },
  {
    name: "status of a pod",
    exchanges: [
      { path: podsPath, body: podWith("p") },
      patch(`${pod}/status`, { status: { phase: "Running", podIP: "1.2.3.4", podIPs: [{ ip: "1.2.3.4" }] } }),
      patch(`${pod}/status`, { status: { podIPs: [{ ip: "nope" }] } }),
      patch(`${pod}/status`, { status: { hostIPs: [{ ip: "nope" }] } }),
      patch(`${pod}/status`, { status: { nominatedNodeName: "A B" } }),
      patch(`${pod}/status`, { status: { qosClass: "Guaranteed" } }),
      patch(`${pod}/status`, { status: { phase: "Nope" } }),
      patch(`${pod}/status`, { spec: { nodeName: "x" }, metadata: { labels: { a: "b" } } }),
      patch(`${pod}/status`, { status: { conditions: [{ type: "Ready", status: "True" }] } }, strategic),
      patch(`${pod}/status`, { status: { conditions: [{ type: "", status: "Nope" }] } }),
      { path: `${pod}/status` },
    ],
  },
  {
    name: "ephemeral containers",
    exchanges: [
      { path: podsPath, body: podWith("p") },
      { path: `${pod}/ephemeralcontainers` },
      ...[
        [container({ name: "e" })],
        [container({ name: "e", image: "other" })],
        [],
        [container({ name: "e" }), container({ name: "c" })],
        [container({ name: "e" }), container({ name: "f", ports: [{ containerPort: 1 }] })],
        [container({ name: "e" }), container({ name: "f", livenessProbe: { exec: { command: ["a"] } } })],
        [container({ name: "e" }), container({ name: "f", resources: { limits: { cpu: "1" } } })],
        [container({ name: "e" }), container({ name: "f", lifecycle: {} })],
        [container({ name: "e" }), container({ name: "f", targetContainerName: "nobody" })],
        [container({ name: "e" }), container({ name: "f", targetContainerName: "c" })],
        [
          container({ name: "e" }),
          container({ name: "f", targetContainerName: "c" }),
          container({ name: "", image: "" }),
        ],
      ].map((all) => patch(`${pod}/ephemeralcontainers`, { spec: { ephemeralContainers: all } })),
      patch(`${pod}/ephemeralcontainers`, { spec: { nodeName: "x" } }),
      { path: pod },
    ],
  },
  {
    name: "resize",
    exchanges: [
      {
        path: podsPath,
        body: podWith("p", {
          containers: [container({ resources: { limits: { cpu: "1", memory: "1Gi" } } })],
        }),
      },
      { path: `${pod}/resize` },
      ...[
        { limits: { cpu: "2" }, requests: { cpu: "2" } },
        { limits: { cpu: "1", memory: "2Gi" }, requests: { cpu: "1", memory: "1Gi" } },
        { limits: { cpu: "x" } },
        { limits: { "ephemeral-storage": "1" } },
        { limits: { cpu: null } },
        { requests: null, limits: null },
      ].map((resources) =>
        patch(`${pod}/resize`, { spec: { containers: [{ name: "c", resources }] } }, strategic),
      ),
      patch(`${pod}/resize`, { spec: { containers: [{ name: "c", image: "x" }] } }, strategic),
      patch(`${pod}/resize`, { spec: { nodeName: "x" } }),
      patch(pod, { spec: { containers: [{ name: "c", resources: { limits: { cpu: "3" } } }] } }, strategic),
      { path: pod },
    ],
  },
  {
    name: "bindings",
    exchanges: [
      { path: podsPath, body: podWith("p") },
      { path: `${pod}/binding`, body: binding({ target: { kind: "Pod", name: "n" } }) },
      { path: `${pod}/binding`, body: binding({ target: { name: "" } }) },
      { path: `${pod}/binding`, body: binding({ metadata: { name: "q" } }) },
      { path: `${podsPath}/nobody/binding`, body: binding({ metadata: { name: "nobody" } }) },
      { path: `${pod}/binding`, body: binding({ metadata: { name: "p", annotations: { a: "b" } } }) },
      { path: `${pod}/binding`, body: binding() },
      { path: `${pod}/binding`, body: binding({ target: { kind: "Node", name: "m" } }) },
      { path: "/api/v1/namespaces/{ns}/bindings", body: binding() },
      { path: pod },
      { method: "DELETE", path: pod, body: { gracePeriodSeconds: 30 } },
      { method: "DELETE", path: `${pod}?gracePeriodSeconds=0` },
    ],
  },
  {
    name: "evictions",
    exchanges: [
      { path: podsPath, body: podWith("p", {}, { labels }) },
      { path: `${pod}/eviction`, body: eviction({ metadata: { name: "q" } }) },
      { path: `${pod}/eviction`, body: eviction({ deleteOptions: { dryRun: ["All"] } }) },
      { path: `${pod}/eviction`, body: eviction({ deleteOptions: { preconditions: { uid: "x" } } }) },
      { path: `${podsPath}/nobody/eviction`, body: eviction({ metadata: { name: "nobody" } }) },
      {
        path: "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
        body: {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          metadata: { name: "b" },
          spec: { minAvailable: 1, selector: { matchLabels: labels } },
        },
      },
      patch(`${pod}/status`, {
        status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
      }),
      { path: `${pod}/eviction`, body: eviction() },
      { method: "DELETE", path: "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets/b" },
      { path: `${pod}/eviction`, body: eviction() },
      { path: `${pod}/eviction`, body: eviction() },
    ],
  },
  scaled("deployments", "Deployment"),
  scaled("replicasets", "ReplicaSet"),
  scaled("statefulsets", "StatefulSet"),
  changed(
    "deployments",
    "Deployment",
    { strategy: { type: "Recreate", rollingUpdate: null } },
    { paused: true },
  ),
  changed("replicasets", "ReplicaSet", { replicas: 5 }),
  changed("daemonsets", "DaemonSet", { updateStrategy: { type: "OnDelete" } }),
  changed(
    "statefulsets",
    "StatefulSet",
    { serviceName: "other" },
    { podManagementPolicy: "Parallel" },
    { ordinals: { start: 2 } },
    { volumeClaimTemplates: [{ metadata: { name: "x" }, spec: {} }] },
  ),
  {
    name: "changes of a job",
    exchanges: [
      {
        path: "/apis/batch/v1/namespaces/{ns}/jobs",
        body: {
          apiVersion: "batch/v1",
          kind: "Job",
          metadata: { name: "j" },
          spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } },
        },
      },
      ...[
        { completions: 5 },
        { parallelism: 5 },
        { parallelism: -1 },
        { backoffLimit: 1 },
        { suspend: true },
        { template: { spec: { nodeSelector: { a: "b" } } } },
        { template: { metadata: { labels: { a: "b" } } } },
        { suspend: false },
        { template: { spec: { nodeSelector: { a: "b" } } } },
        { selector: { matchLabels: { a: "b" } } },
        { completionMode: "Indexed" },
        { ttlSecondsAfterFinished: 5 },
        { activeDeadlineSeconds: 5 },
        { manualSelector: true },
        { podReplacementPolicy: "Failed" },
      ].map((spec) => patch("/apis/batch/v1/namespaces/{ns}/jobs/j", { spec })),
      ...[
        { active: 1 },
        { active: -1 },
        { conditions: [{ type: "Complete", status: "True" }] },
        { startTime: "2020-01-01T00:00:00Z", ready: 1 },
        { succeeded: 1, completedIndexes: "1" },
      ].map((status) => patch("/apis/batch/v1/namespaces/{ns}/jobs/j/status", { status })),
      { path: "/apis/batch/v1/namespaces/{ns}/jobs/j" },
      { method: "DELETE", path: "/apis/batch/v1/namespaces/{ns}/jobs/j" },
      { path: "/apis/batch/v1/namespaces/{ns}/jobs/j" },
    ],
  },
];
