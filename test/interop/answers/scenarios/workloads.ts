import type { Exchange, Scenario } from "../exchange.ts";
import { container } from "../pods.ts";

const labels = { app: "a" };
const template = (spec: object = {}, metadata: object = { labels }): object => ({
  metadata,
  spec: { containers: [container()], ...spec },
});
const selector = { matchLabels: labels };

/** Each spec is that of an object of its own. */
function kind(
  name: string,
  apiVersion: string,
  kindName: string,
  base: object,
  specs: readonly object[],
): Scenario {
  const path = `${pathOf(apiVersion)}/namespaces/{ns}/${kindName.toLowerCase()}s`;
  const made = (spec: object, index: number): Exchange => ({
    path,
    body: { apiVersion, kind: kindName, metadata: { name: `o${index}` }, spec: { ...base, ...spec } },
  });
  return { name, exchanges: specs.map(made) };
}

const pathOf = (apiVersion: string): string => (apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`);

const plain = { selector, template: template() };
const templates = (...more: object[]): object[] => [
  {},
  { selector: undefined },
  { selector: {} },
  { template: undefined },
  { template: {} },
  { template: template({}, {}) },
  { template: template({}, { labels: { app: "b" } }) },
  { template: template({}, { labels: { ...labels, "a b": "c" } }) },
  { template: template({}, { labels, name: "A_" }) },
  { template: template({}, { labels, annotations: { "a b": "c" } }) },
  { template: template({ restartPolicy: "Never" }) },
  { template: template({ restartPolicy: "OnFailure" }) },
  { template: template({ restartPolicy: "Nope" }) },
  { template: template({ containers: [] }) },
  { template: template({ containers: [container({ image: "" })] }) },
  { template: template({ containers: [container({ name: "A", image: "" })] }) },
  { template: template({ activeDeadlineSeconds: 5 }) },
  { template: template({ ephemeralContainers: [container({ name: "e" })] }) },
  { template: template({ nodeName: "n", hostNetwork: true, priorityClassName: "nope" }) },
  { template: template({ volumes: [{ name: "v", gitRepo: { repository: "a" } }] }) },
  { template: template({ containers: [container({ env: [{ name: "A" }, { name: "A" }] })] }) },
  { template: template({ nodeSelector: { "beta.kubernetes.io/os": "linux" } }) },
  { template: template({ containers: [container({ resources: { limits: { memory: "1m" } } })] }) },
  { template: template({ terminationGracePeriodSeconds: -1 }) },
  { selector: { matchLabels: { "a b": "c" } } },
  { selector: { matchExpressions: [{ key: "app", operator: "Nope" }] } },
  { selector: { matchExpressions: [{ key: "app", operator: "In" }] } },
  { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["a"] }] } },
  { minReadySeconds: -1 },
  { revisionHistoryLimit: -1 },
  { replicas: -1 },
  { replicas: "two" },
  { replicas: null },
  { replicas: 1.5 },
  { nope: true },
  ...more,
];
const strategy = (more: object): object => ({ strategy: more });
const rolling = (rollingUpdate: object): object => strategy({ type: "RollingUpdate", rollingUpdate });
const updates = (more: object): object => ({ updateStrategy: more });
const rollout = (rollingUpdate: object): object => updates({ type: "RollingUpdate", rollingUpdate });
const never = (more: object = {}): object => template({ restartPolicy: "Never", ...more }, {});
const job = (more: object = {}): object => ({ template: never(), ...more });
const failing = (...rules: object[]): object => job({ podFailurePolicy: { rules } });
const onCodes = (onExitCodes: object): object => failing({ action: "FailJob", onExitCodes });
const timed = (more: object = {}): object => ({ schedule: "* * * * *", ...more });
const claim = (more: object = {}): object => ({
  metadata: { name: "data" },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...more },
});

const all: readonly Scenario[] = [
  kind(
    "deployments",
    "apps/v1",
    "Deployment",
    plain,
    templates(
      { progressDeadlineSeconds: 0 },
      { progressDeadlineSeconds: -1 },
      { progressDeadlineSeconds: 5, minReadySeconds: 6 },
      { paused: true },
      strategy({}),
      strategy({ type: "Recreate" }),
      strategy({ type: "Recreate", rollingUpdate: {} }),
      strategy({ type: "Nope" }),
      rolling({}),
      rolling({ maxSurge: 0, maxUnavailable: 0 }),
      rolling({ maxSurge: "0%", maxUnavailable: "0%" }),
      rolling({ maxSurge: "x", maxUnavailable: -1 }),
      rolling({ maxSurge: "200%", maxUnavailable: "101%" }),
      rolling({ maxSurge: 1 }),
      rolling({ maxSurge: "-5%" }),
      { replicas: -1, minReadySeconds: -1, revisionHistoryLimit: -1, selector: {} },
    ),
  ),
  kind("replica sets", "apps/v1", "ReplicaSet", plain, templates()),
  kind(
    "daemon sets",
    "apps/v1",
    "DaemonSet",
    plain,
    templates(
      updates({}),
      updates({ type: "OnDelete" }),
      updates({ type: "Nope" }),
      updates({ type: "RollingUpdate" }),
      rollout({ maxUnavailable: 0, maxSurge: 0 }),
      rollout({ maxUnavailable: 0 }),
      rollout({ maxUnavailable: 1, maxSurge: 1 }),
      rollout({ maxUnavailable: "x" }),
      rollout({ maxSurge: 1 }),
      rollout({ maxUnavailable: 0, maxSurge: "20%" }),
    ),
  ),
  kind(
    "stateful sets",
    "apps/v1",
    "StatefulSet",
    { ...plain, serviceName: "s" },
    templates(
      { serviceName: undefined },
      { serviceName: "A B" },
      { podManagementPolicy: "Parallel" },
      { podManagementPolicy: "Nope" },
      { ordinals: { start: -1 } },
      { ordinals: { start: 3 } },
      { persistentVolumeClaimRetentionPolicy: {} },
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Nope", whenScaled: "Nope" } },
      { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } },
      updates({ type: "Nope" }),
      updates({ type: "OnDelete" }),
      updates({ type: "OnDelete", rollingUpdate: { partition: 1 } }),
      rollout({ partition: -1 }),
      rollout({ partition: 2 }),
      rollout({ maxUnavailable: 0 }),
      rollout({ maxUnavailable: "x" }),
      { volumeClaimTemplates: [claim()] },
      { volumeClaimTemplates: [claim({ accessModes: [] })] },
      { volumeClaimTemplates: [{ metadata: { name: "A B" }, spec: {} }] },
      { volumeClaimTemplates: [{ spec: {} }] },
      { volumeClaimTemplates: [claim({ resources: {} })] },
    ),
  ),
  {
    name: "stateful set names",
    exchanges: ["a.b", "Upper", "x".repeat(64), "0"].map((name) => ({
      path: "/apis/apps/v1/namespaces/{ns}/statefulsets",
      body: { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name }, spec: plain },
    })),
  },
  kind("replication controllers", "v1", "ReplicationController", { selector: labels, template: template() }, [
    {},
    { selector: undefined },
    { selector: {} },
    { selector: { app: "b" } },
    { selector: { "a b": "c" } },
    { template: undefined },
    { template: template({}, {}) },
    { template: template({ restartPolicy: "Never" }) },
    { replicas: -1 },
    { minReadySeconds: -1 },
    { template: template({ activeDeadlineSeconds: 5 }) },
    { selector: undefined, template: template({}, {}) },
  ]),
  kind("jobs", "batch/v1", "Job", {}, [
    job(),
    {},
    { template: template({}, {}) },
    job({ template: template({ restartPolicy: "Nope" }, {}) }),
    job({ template: template({ restartPolicy: "OnFailure" }, {}) }),
    job({ parallelism: -1 }),
    job({ completions: -1 }),
    job({ completions: 0 }),
    job({ completions: 5, parallelism: 2 }),
    job({ backoffLimit: -1 }),
    job({ activeDeadlineSeconds: -1 }),
    job({ activeDeadlineSeconds: 5 }),
    job({ ttlSecondsAfterFinished: -1 }),
    job({ completionMode: "Nope" }),
    job({ completionMode: "Indexed" }),
    job({ completionMode: "Indexed", completions: 5 }),
    job({ completionMode: "Indexed", completions: 5, backoffLimitPerIndex: 1 }),
    job({ completionMode: "Indexed", completions: 5, backoffLimitPerIndex: -1 }),
    job({ completionMode: "Indexed", completions: 5, maxFailedIndexes: 1 }),
    job({ completionMode: "Indexed", completions: 5, backoffLimitPerIndex: 1, maxFailedIndexes: 6 }),
    job({ completionMode: "Indexed", completions: 200000, backoffLimitPerIndex: 1 }),
    job({ completionMode: "Indexed", completions: 5, parallelism: 200000 }),
    job({ backoffLimitPerIndex: 1 }),
    job({ suspend: true }),
    job({ selector }),
    job({ manualSelector: true }),
    job({ manualSelector: true, selector }),
    job({ manualSelector: true, selector, template: template({ restartPolicy: "Never" }) }),
    job({ podReplacementPolicy: "Nope" }),
    job({ podReplacementPolicy: "Failed" }),
    job({ managedBy: "nope" }),
    job({ managedBy: "example.com/x" }),
    job({ successPolicy: { rules: [{ succeededCount: 1 }] } }),
    job({ completionMode: "Indexed", completions: 5, successPolicy: {} }),
    job({ completionMode: "Indexed", completions: 5, successPolicy: { rules: [{}] } }),
    job({ completionMode: "Indexed", completions: 5, successPolicy: { rules: [{ succeededCount: 6 }] } }),
    job({
      completionMode: "Indexed",
      completions: 5,
      successPolicy: { rules: [{ succeededIndexes: "0-x" }] },
    }),
    job({
      completionMode: "Indexed",
      completions: 5,
      successPolicy: { rules: [{ succeededIndexes: "0-9" }] },
    }),
    job({
      completionMode: "Indexed",
      completions: 5,
      successPolicy: { rules: [{ succeededIndexes: "0,2" }] },
    }),
    failing(),
    failing({}),
    failing({ action: "Nope" }),
    failing({ action: "FailJob" }),
    failing({ action: "FailIndex", onPodConditions: [{ type: "DisruptionTarget" }] }),
    failing({ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }),
    failing({ action: "Ignore", onPodConditions: [{ type: "a b", status: "Nope" }] }),
    failing({
      action: "Count",
      onPodConditions: [{ type: "A" }],
      onExitCodes: { operator: "In", values: [1] },
    }),
    onCodes({ operator: "In", values: [1, 2] }),
    onCodes({ operator: "In", values: [] }),
    onCodes({ operator: "In", values: [0] }),
    onCodes({ operator: "In", values: [2, 1] }),
    onCodes({ operator: "In", values: [1, 1] }),
    onCodes({ operator: "Nope", values: [1] }),
    onCodes({ operator: "NotIn", values: [1], containerName: "x" }),
    onCodes({ operator: "NotIn", values: [1], containerName: "c" }),
    {
      ...failing({ action: "FailJob", onExitCodes: { operator: "In", values: [1] } }),
      template: template({ restartPolicy: "OnFailure" }, {}),
    },
    job({ template: never({ containers: [] }) }),
    job({ parallelism: -1, completions: -1, backoffLimit: -1, template: template({}, {}) }),
  ]),
  kind("cron jobs", "batch/v1", "CronJob", timed({ jobTemplate: { spec: job() } }), [
    {},
    { schedule: "" },
    { schedule: "nope" },
    { schedule: "* * * *" },
    { schedule: "@hourly" },
    { schedule: "@every 1h" },
    { schedule: "60 * * * *" },
    { schedule: "0/5 1-3,7 * JAN MON" },
    { schedule: "TZ=UTC * * * * *" },
    { schedule: "CRON_TZ=UTC * * * * *" },
    { timeZone: "" },
    { timeZone: "Europe/Berlin" },
    { timeZone: "Nope/Nope" },
    { timeZone: "Local" },
    { concurrencyPolicy: "Nope" },
    { concurrencyPolicy: "Forbid" },
    { startingDeadlineSeconds: -1 },
    { startingDeadlineSeconds: 5 },
    { successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
    { suspend: true },
    { jobTemplate: undefined },
    { jobTemplate: { spec: {} } },
    { jobTemplate: { spec: { template: template({}, {}) } } },
    { jobTemplate: { spec: job({ manualSelector: true }) } },
    { jobTemplate: { spec: job({ selector }) } },
    { jobTemplate: { metadata: { labels: { "a b": "c" } }, spec: job() } },
    { jobTemplate: { spec: job({ parallelism: -1 }) } },
  ]),
  {
    name: "cron job names",
    exchanges: ["x".repeat(52), "y".repeat(53), "a.b", "A"].map((name) => ({
      path: "/apis/batch/v1/namespaces/{ns}/cronjobs",
      body: {
        apiVersion: "batch/v1",
        kind: "CronJob",
        metadata: { name },
        spec: timed({ jobTemplate: { spec: job() } }),
      },
    })),
  },
  {
    name: "job names",
    exchanges: ["x".repeat(63), "y".repeat(64), "a.b", "A"].map((name) => ({
      path: "/apis/batch/v1/namespaces/{ns}/jobs",
      body: { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: job() },
    })),
  },
  {
    name: "pod templates",
    exchanges: [{}, { template: template() }, { template: template({ containers: [] }) }].map(
      (more, index) => ({
        path: "/api/v1/namespaces/{ns}/podtemplates",
        body: { apiVersion: "v1", kind: "PodTemplate", metadata: { name: `t${index}` }, ...more },
      }),
    ),
  },
  {
    name: "controller revisions",
    exchanges: [{}, { data: { a: 1 }, revision: 1 }, { data: {}, revision: -1 }, { revision: 1 }].map(
      (more, index) => ({
        path: "/apis/apps/v1/namespaces/{ns}/controllerrevisions",
        body: { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: `r${index}` }, ...more },
      }),
    ),
  },
];

export const scenarios: readonly Scenario[] = all;
