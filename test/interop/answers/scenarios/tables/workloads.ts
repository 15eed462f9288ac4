import type { Scenario } from "../../exchange.ts";
import { apps, core, deploymentSpec, get, table } from "../reads/requests.ts";
import { later, longAgo, tableOf, type Told, told } from "./requests.ts";

const batch = "/apis/batch/v1/namespaces/{ns}";
const template = {
  spec: {
    restartPolicy: "Never",
    containers: [
      { name: "c", image: "i" },
      { name: "d", image: "j:1" },
    ],
  },
};
const condition = (type: string, status = "True") => ({ type, status, reason: "R", message: "m" });

const jobs: readonly Told[] = [
  { name: "plain", spec: { template } },
  { name: "parallel", spec: { template, parallelism: 4 } },
  { name: "queue", spec: { template, completions: null, parallelism: 1 } },
  { name: "counted", spec: { template, completions: 5 }, status: { succeeded: 2, startTime: longAgo } },
  { name: "suspended", spec: { template, suspend: true }, status: { conditions: [condition("Suspended")] } },
  {
    name: "complete",
    spec: { template },
    status: {
      succeeded: 1,
      startTime: longAgo,
      completionTime: later,
      conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
    },
  },
  {
    name: "failed",
    spec: { template },
    status: { failed: 1, startTime: longAgo, conditions: [condition("FailureTarget"), condition("Failed")] },
  },
  {
    name: "failing",
    spec: { template },
    status: { startTime: longAgo, conditions: [condition("FailureTarget")] },
  },
  {
    name: "succeeding",
    spec: { template },
    status: { startTime: longAgo, conditions: [condition("SuccessCriteriaMet")] },
  },
  { name: "going", spec: { template }, deleted: true },
];

const jobTemplate = { spec: { template } };
const cronJobs: readonly Told[] = [
  { name: "plain", spec: { schedule: "* * * * *", jobTemplate } },
  { name: "suspended", spec: { schedule: "@daily", suspend: true, timeZone: "Europe/Paris", jobTemplate } },
  {
    name: "active",
    spec: { schedule: "0 0 1 * *", jobTemplate },
    status: {
      lastScheduleTime: longAgo,
      active: ["a", "b"].map((name) => ({ kind: "Job", name, namespace: "n", apiVersion: "batch/v1" })),
    },
  },
];

const counted = {
  replicas: 3,
  updatedReplicas: 2,
  readyReplicas: 1,
  availableReplicas: 1,
  observedGeneration: 1,
};
const selected = {
  selector: {
    matchLabels: { app: "w" },
    matchExpressions: [
      { key: "tier", operator: "In", values: ["b", "a"] },
      { key: "only", operator: "In", values: ["one"] },
      { key: "old", operator: "DoesNotExist" },
      { key: "new", operator: "Exists" },
      { key: "zone", operator: "NotIn", values: ["z"] },
    ],
  },
  template: {
    metadata: { labels: { app: "w", tier: "a", only: "one", new: "x", zone: "y" } },
    spec: { containers: template.spec.containers },
  },
};
const several = (spec: object, status: object): readonly Told[] => [
  { name: "plain", spec },
  { name: "none", spec: { ...spec, replicas: 0 } },
  { name: "told", spec, status },
  { name: "selected", spec: { ...spec, ...selected } },
];
const workload = (path: string, kind: string, all: readonly Told[]): Scenario => ({
  name: `states of ${kind}`,
  exchanges: [
    ...all.flatMap((one) => told(path, path.includes("/apps/") ? "apps/v1" : "batch/v1", kind, one)),
    tableOf(path),
    get(`${path}/${all[0]!.name}`, table()),
  ],
});

const { replicas: _, ...daemon } = deploymentSpec();
const daemonStatus = {
  desiredNumberScheduled: 5,
  currentNumberScheduled: 4,
  numberReady: 3,
  updatedNumberScheduled: 2,
  numberAvailable: 1,
  numberMisscheduled: 0,
};
const chosen = {
  ...daemon,
  template: {
    ...daemon.template,
    spec: { ...daemon.template.spec, nodeSelector: { "example.com/z": "1", "example.com/a": "" } },
  },
};
const owner = (apiVersion: string, kind: string, controller?: boolean) => ({
  metadata: {
    name: `${kind.toLowerCase()}-${String(controller)}`,
    labels: { asked: "yes" },
    ownerReferences: [
      { apiVersion, kind, name: "o", uid: "1", ...(controller !== undefined && { controller }) },
    ],
  },
});

export const workloadTables: readonly Scenario[] = [
  workload(`${batch}/jobs`, "Job", jobs),
  workload(`${batch}/cronjobs`, "CronJob", cronJobs),
  workload(`${apps}/deployments`, "Deployment", several(deploymentSpec(), counted)),
  workload(`${apps}/replicasets`, "ReplicaSet", several(deploymentSpec(), { replicas: 3, readyReplicas: 1 })),
  workload(
    `${apps}/statefulsets`,
    "StatefulSet",
    several(deploymentSpec({ serviceName: "s" }), { replicas: 2, readyReplicas: 1, availableReplicas: 1 }),
  ),
  workload(`${apps}/daemonsets`, "DaemonSet", [
    { name: "plain", spec: daemon },
    { name: "told", spec: chosen, status: daemonStatus },
  ]),
  {
    name: "owners of revisions",
    exchanges: [
      ...[owner("apps/v1", "DaemonSet", true), owner("v1", "Pod", true), owner("apps/v1", "DaemonSet")].map(
        (one) => ({
          path: `${apps}/controllerrevisions`,
          body: { apiVersion: "apps/v1", kind: "ControllerRevision", revision: 7, ...one },
        }),
      ),
      tableOf(`${apps}/controllerrevisions`),
    ],
  },
  {
    name: "states of ReplicationController",
    exchanges: [
      ...[
        { name: "plain", spec: { selector: { a: "b", c: "d" }, template: labelled() } },
        {
          name: "told",
          spec: { replicas: 4, selector: { a: "b" }, template: labelled() },
          status: { replicas: 3, readyReplicas: 2 },
        },
      ].flatMap((one) => told(`${core}/replicationcontrollers`, "v1", "ReplicationController", one)),
      tableOf(`${core}/replicationcontrollers`),
    ],
  },
  {
    name: "metrics of autoscalers",
    exchanges: [...autoscalers(), tableOf(autoscalerPath(2)), tableOf(autoscalerPath(1))],
  },
];

function labelled(): object {
  return {
    metadata: { labels: { a: "b", c: "d" } },
    spec: { containers: template.spec.containers },
  };
}

function autoscalerPath(version: number): string {
  return `/apis/autoscaling/v${version}/namespaces/{ns}/horizontalpodautoscalers`;
}

function autoscalers() {
  const target = (type: string, value: object) => ({ type, ...value });
  const metric = { name: "m" };
  const describedObject = { apiVersion: "v1", kind: "Service", name: "s" };
  const metrics: readonly (readonly [object, object])[] = [
    [
      {
        type: "Resource",
        resource: { name: "cpu", target: target("Utilization", { averageUtilization: 50 }) },
      },
      { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 20, averageValue: "1" } } },
    ],
    [
      {
        type: "Resource",
        resource: { name: "memory", target: target("AverageValue", { averageValue: "1Gi" }) },
      },
      { type: "Resource", resource: { name: "memory", current: { averageValue: "500Mi" } } },
    ],
    [
      { type: "Pods", pods: { metric, target: target("AverageValue", { averageValue: "10" }) } },
      { type: "Pods", pods: { metric, current: { averageValue: "1500m" } } },
    ],
    [
      { type: "Object", object: { metric, describedObject, target: target("Value", { value: "5k" }) } },
      { type: "Object", object: { metric, describedObject, current: { value: "3k" } } },
    ],
    [
      {
        type: "Object",
        object: { metric, describedObject, target: target("AverageValue", { averageValue: "5" }) },
      },
      { type: "Object", object: { metric, describedObject, current: { value: "1", averageValue: "3" } } },
    ],
    [
      { type: "External", external: { metric, target: target("Value", { value: "5" }) } },
      { type: "External", external: { metric, current: { value: "2" } } },
    ],
    [
      { type: "External", external: { metric, target: target("AverageValue", { averageValue: "5" }) } },
      { type: "External", external: { metric, current: { averageValue: "2" } } },
    ],
    [
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "c",
          target: target("Utilization", { averageUtilization: 50 }),
        },
      },
      {
        type: "ContainerResource",
        containerResource: {
          name: "cpu",
          container: "c",
          current: { averageUtilization: 9, averageValue: "1" },
        },
      },
    ],
  ];
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "d" };
  const made = (name: string, chosen: readonly (readonly [object, object])[], status: boolean): Told => ({
    name,
    spec: { maxReplicas: 5, scaleTargetRef, metrics: chosen.map(([spec]) => spec) },
    ...(status && {
      status: {
        currentReplicas: 2,
        desiredReplicas: 2,
        currentMetrics: chosen.map(([, current]) => current),
      },
    }),
  });
  const all: Told[] = [
    { name: "plain", spec: { maxReplicas: 5, minReplicas: 2, scaleTargetRef } },
    ...metrics.flatMap((one, index) => [
      made(`untold-${index}`, [one], false),
      made(`told-${index}`, [one], true),
    ]),
    made("two", metrics.slice(0, 2), true),
    made("many", metrics.slice(0, 4), true),
  ];
  return all.flatMap((one) => told(autoscalerPath(2), "autoscaling/v2", "HorizontalPodAutoscaler", one));
}
