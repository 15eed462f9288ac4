import type { Exchange, Scenario } from "../exchange.ts";
import { container } from "../pods.ts";

const merge = "application/merge-patch+json";
const core = "/api/v1/namespaces/{ns}";
const apps = "/apis/apps/v1/namespaces/{ns}";
const batch = "/apis/batch/v1/namespaces/{ns}";
const labels = { app: "a" };
const template = (spec: object = {}): object => ({
  metadata: { labels },
  spec: { containers: [container()], ...spec },
});
const patch = (path: string, body: object): Exchange => ({ method: "PATCH", path, body, type: merge });
const changing = (path: string, ...specs: object[]): Exchange[] => specs.map((spec) => patch(path, { spec }));
const telling = (path: string, ...all: object[]): Exchange[] =>
  all.map((status) => patch(`${path}/status`, { status }));
const remove = (path: string, body?: object): Exchange => ({
  method: "DELETE",
  path,
  ...(body !== undefined && { body }),
});
const ended = template({ restartPolicy: "Never" });

const revision = (name: string, more: object): object => ({
  apiVersion: "apps/v1",
  kind: "ControllerRevision",
  metadata: { name },
  ...more,
});
const job = (name: string, spec: object = {}): object => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name },
  spec: { template: ended, ...spec },
});
const time = "2026-01-01T00:00:00Z";
const condition = (type: string, status = "True"): object => ({
  type,
  status,
  lastProbeTime: time,
  lastTransitionTime: time,
});

export const scenarios: readonly Scenario[] = [
  {
    name: "controller revisions",
    exchanges: [
      { path: `${apps}/controllerrevisions`, body: revision("r", { revision: 1, data: { a: "b" } }) },
      { path: `${apps}/controllerrevisions`, body: revision("s", { revision: 1 }) },
      { path: `${apps}/controllerrevisions`, body: revision("t", { revision: -1, data: {} }) },
      { path: `${apps}/controllerrevisions`, body: revision("u", { data: { a: "b" } }) },
      { path: `${apps}/controllerrevisions`, body: revision("A_", { data: { a: "b" } }) },
      patch(`${apps}/controllerrevisions/r`, { revision: 2 }),
      patch(`${apps}/controllerrevisions/r`, { data: { a: "c" } }),
      patch(`${apps}/controllerrevisions/r`, { revision: -1 }),
      patch(`${apps}/controllerrevisions/r`, { metadata: { labels } }),
      { path: `${apps}/controllerrevisions/r` },
      remove(`${apps}/controllerrevisions/r`),
    ],
  },
  {
    name: "replication controllers",
    exchanges: [
      ...[
        { template: template() },
        { selector: labels, template: template(), replicas: 2 },
        { selector: { app: "b" }, template: template() },
        { selector: labels },
        { template: { spec: { containers: [container()] } } },
        { selector: labels, template: template({ restartPolicy: "Never" }) },
        { selector: labels, template: template(), replicas: -1, minReadySeconds: -1 },
        { selector: labels, template: template({ activeDeadlineSeconds: 5 }) },
      ].map((spec, index) => ({
        path: `${core}/replicationcontrollers`,
        body: { apiVersion: "v1", kind: "ReplicationController", metadata: { name: `c${index}` }, spec },
      })),
      ...changing(
        `${core}/replicationcontrollers/c1`,
        { replicas: 3 },
        { selector: { app: "b" } },
        { replicas: -1 },
        { minReadySeconds: 3 },
        { template: { spec: { restartPolicy: "Never" } } },
      ),
      { path: `${core}/replicationcontrollers/c1/scale` },
      patch(`${core}/replicationcontrollers/c1/scale`, { spec: { replicas: 5 } }),
      ...telling(
        `${core}/replicationcontrollers/c1`,
        { replicas: 2, readyReplicas: 1, availableReplicas: 1, observedGeneration: 2 },
        { readyReplicas: 3 },
        { availableReplicas: 2 },
        { fullyLabeledReplicas: 3 },
        { replicas: -1 },
        { observedGeneration: -1 },
        { conditions: [{ type: "ReplicaFailure", status: "True" }] },
      ),
      { path: `${core}/replicationcontrollers/c1` },
      remove(`${core}/replicationcontrollers/c1`),
      { path: `${core}/replicationcontrollers/c1` },
      remove(`${core}/replicationcontrollers/c0`, { propagationPolicy: "Background" }),
    ],
  },
  {
    name: "changes of a cron job",
    exchanges: [
      {
        path: `${batch}/cronjobs`,
        body: {
          apiVersion: "batch/v1",
          kind: "CronJob",
          metadata: { name: "c" },
          spec: { schedule: "* * * * *", jobTemplate: { spec: { template: ended } } },
        },
      },
      ...changing(
        `${batch}/cronjobs/c`,
        { schedule: "@hourly" },
        { schedule: "nope" },
        { schedule: "" },
        { schedule: "TZ=UTC * * * * *" },
        { timeZone: "Europe/Berlin" },
        { timeZone: "Nowhere/Else" },
        { timeZone: "" },
        { timeZone: null, suspend: true },
        { concurrencyPolicy: "Forbid" },
        { concurrencyPolicy: "Nope" },
        { startingDeadlineSeconds: 5, successfulJobsHistoryLimit: 0 },
        { startingDeadlineSeconds: -1, failedJobsHistoryLimit: -1 },
        { jobTemplate: { spec: { template: { spec: { nodeSelector: { a: "b" } } } } } },
        { jobTemplate: { spec: { template: { spec: { restartPolicy: "Always" } } } } },
        { jobTemplate: { spec: { selector: { matchLabels: labels } } } },
        { jobTemplate: { spec: { manualSelector: true } } },
      ),
      ...telling(
        `${batch}/cronjobs/c`,
        { lastScheduleTime: time, lastSuccessfulTime: time },
        { active: [{ kind: "Job", name: "j" }] },
      ),
      { path: `${batch}/cronjobs/c` },
      remove(`${batch}/cronjobs/c`),
    ],
  },
  {
    name: "policies of jobs",
    exchanges: [
      {
        path: `${batch}/jobs`,
        body: job("j", {
          completions: 3,
          parallelism: 3,
          completionMode: "Indexed",
          backoffLimitPerIndex: 1,
          podFailurePolicy: {
            rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [1] } }],
          },
          successPolicy: { rules: [{ succeededIndexes: "0-1" }] },
        }),
      },
      ...changing(
        `${batch}/jobs/j`,
        { podFailurePolicy: null },
        { successPolicy: null },
        { backoffLimitPerIndex: 2 },
        { maxFailedIndexes: 1 },
        { maxFailedIndexes: 9 },
        { completions: 5 },
        { completions: 2, parallelism: 2 },
        { managedBy: "acme.io/foo" },
        { podReplacementPolicy: "TerminatingOrFailed" },
        { ttlSecondsAfterFinished: -1 },
      ),
      { path: `${batch}/jobs/j` },
      { path: `${batch}/jobs`, body: job("managed", { managedBy: "acme.io/foo" }) },
      { path: `${batch}/jobs`, body: job("unmanaged", { managedBy: "acme" }) },
      {
        path: `${batch}/jobs`,
        body: job("k", {
          completions: 3,
          completionMode: "Indexed",
          successPolicy: {
            rules: [
              { succeededIndexes: "0-1", succeededCount: 3 },
              { succeededIndexes: "1,0" },
              { succeededIndexes: "1-2-3" },
              { succeededIndexes: "2-1" },
            ],
          },
        }),
      },
    ],
  },
  {
    name: "status of a job",
    exchanges: [
      {
        path: `${batch}/jobs`,
        body: job("j", { completions: 3, completionMode: "Indexed", backoffLimitPerIndex: 1 }),
      },
      ...telling(
        `${batch}/jobs/j`,
        { startTime: time, active: 2, ready: 1 },
        { ready: 3 },
        { startTime: "2026-01-01T00:00:01Z" },
        { completedIndexes: "0,0" },
        { completedIndexes: "0", failedIndexes: "0" },
        { completedIndexes: "0", succeeded: 1 },
        { succeeded: 0 },
        { failed: 1, failedIndexes: "1" },
        { failed: 0 },
        { uncountedTerminatedPods: { succeeded: ["a", "a", ""], failed: ["a"] } },
        { completionTime: time },
        { conditions: [condition("Failed")] },
        { conditions: [condition("FailureTarget"), condition("SuccessCriteriaMet")] },
        { conditions: [condition("SuccessCriteriaMet")] },
        { conditions: [] },
        {
          conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
          completionTime: "2025-01-01T00:00:00Z",
        },
        {
          conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
          completionTime: time,
          active: 0,
          ready: 0,
          terminating: 1,
        },
        {
          conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
          completionTime: time,
          active: 0,
          ready: 0,
        },
        { conditions: [condition("SuccessCriteriaMet")] },
        { completionTime: "2026-01-01T00:00:09Z" },
        { active: 1 },
      ),
      { path: `${batch}/jobs/j` },
      remove(`${batch}/jobs/j`, { propagationPolicy: "Background" }),
    ],
  },
  {
    name: "changes of rollouts",
    exchanges: [
      {
        path: `${apps}/deployments`,
        body: {
          apiVersion: "apps/v1",
          kind: "Deployment",
          metadata: { name: "d", annotations: { "deployment.kubernetes.io/revision": "1" } },
          spec: { selector: { matchLabels: labels }, template: template() },
        },
      },
      { path: `${apps}/deployments/d/rollback`, body: { name: "d" } },
      patch(`${apps}/deployments/d`, { metadata: { annotations: { "kubernetes.io/change-cause": "a" } } }),
      ...changing(
        `${apps}/deployments/d`,
        { revisionHistoryLimit: 0 },
        { revisionHistoryLimit: -1 },
        { progressDeadlineSeconds: 0 },
        { minReadySeconds: 700 },
        { rollbackTo: { revision: 1 } },
        { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } },
        { strategy: { type: "Recreate" } },
        { paused: true, replicas: 0 },
        { template: { spec: { restartPolicy: "Never" } } },
        { template: { metadata: { labels: { app: "b" } } } },
      ),
      ...telling(
        `${apps}/deployments/d`,
        { replicas: 3, updatedReplicas: 4 },
        { replicas: 3, readyReplicas: 4, availableReplicas: 5, collisionCount: 1 },
        { conditions: [{ type: "Progressing", status: "True" }] },
        { collisionCount: 0 },
      ),
      { path: `${apps}/deployments/d` },
    ],
  },
  {
    name: "changes of claim templates",
    exchanges: [
      {
        path: `${apps}/statefulsets`,
        body: {
          apiVersion: "apps/v1",
          kind: "StatefulSet",
          metadata: { name: "s" },
          spec: {
            serviceName: "s",
            selector: { matchLabels: labels },
            template: template(),
            volumeClaimTemplates: [
              {
                metadata: { name: "data" },
                spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
              },
            ],
          },
        },
      },
      ...changing(
        `${apps}/statefulsets/s`,
        { volumeClaimTemplates: [] },
        { serviceName: "t" },
        { ordinals: { start: -1 } },
        { ordinals: { start: 3 } },
        { ordinals: null },
        { persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } },
        { persistentVolumeClaimRetentionPolicy: { whenScaled: "Nope" } },
        { replicas: -1, minReadySeconds: -1 },
        { updateStrategy: { rollingUpdate: { partition: 2 } } },
        { updateStrategy: { rollingUpdate: { partition: -1 } } },
        { updateStrategy: { type: "OnDelete" } },
        { updateStrategy: { type: "OnDelete", rollingUpdate: null } },
        { revisionHistoryLimit: -1 },
        { template: { spec: { volumes: [{ name: "data", emptyDir: {} }] } } },
        {
          template: { spec: { containers: [container({ volumeMounts: [{ name: "x", mountPath: "/x" }] })] } },
        },
      ),
      ...telling(
        `${apps}/statefulsets/s`,
        { replicas: 2, readyReplicas: 3 },
        { replicas: 2, currentReplicas: 3, updatedReplicas: 3 },
        { replicas: 2, availableReplicas: 1 },
        { collisionCount: -1 },
      ),
      { path: `${apps}/statefulsets/s` },
    ],
  },
];
