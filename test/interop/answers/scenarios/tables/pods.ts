import type { Exchange, Scenario } from "../../exchange.ts";
import { get, pods, table } from "../reads/requests.ts";
import { later, longAgo, tableOf, type Told, told } from "./requests.ts";

const running = { running: { startedAt: longAgo } };
const waiting = (reason: string) => ({ waiting: { reason } });
const ended = (exitCode: number, more: object = {}) => ({
  terminated: { exitCode, startedAt: longAgo, finishedAt: later, ...more },
});
const container = (name: string, state: object, more: object = {}) => ({
  name,
  image: "i",
  imageID: "i",
  ready: false,
  restartCount: 0,
  state,
  ...more,
});
const ready = { ready: true, started: true };
const holds = (type: string, status = "True", more: object = {}) => ({ type, status, ...more });
const one = { containers: [{ name: "c", image: "i" }] };
const two = { containers: ["c", "d"].map((name) => ({ name, image: "i" })) };
const started = { ...one, initContainers: ["i", "j"].map((name) => ({ name, image: "i" })) };
const aided = {
  ...one,
  initContainers: [
    { name: "i", image: "i" },
    { name: "s", image: "i", restartPolicy: "Always" },
  ],
};

const phases: readonly Told[] = [
  ...["Pending", "Running", "Succeeded", "Failed", "Unknown"].map((phase) => ({
    name: phase.toLowerCase(),
    spec: one,
    status: { phase },
  })),
  { name: "evicted", spec: one, status: { phase: "Failed", reason: "Evicted", message: "m" } },
  {
    name: "gated",
    spec: { ...one, schedulingGates: [{ name: "example.com/g" }] },
    status: { conditions: [holds("PodScheduled", "False", { reason: "SchedulingGated" })] },
  },
  { name: "terminating", spec: one, status: { phase: "Running" }, deleted: true },
  { name: "terminating-done", spec: one, status: { phase: "Succeeded" }, deleted: true },
  { name: "terminating-lost", spec: one, status: { phase: "Running", reason: "NodeLost" }, deleted: true },
  {
    name: "placed",
    spec: { ...one, nodeName: "n", readinessGates: [{ conditionType: "a/a" }, { conditionType: "a/b" }] },
    status: {
      phase: "Running",
      podIP: "10.1.1.1",
      podIPs: [{ ip: "10.1.1.1" }, { ip: "fd00::1" }],
      conditions: [holds("a/a"), holds("a/b", "False")],
    },
  },
  { name: "nominated", spec: one, status: { nominatedNodeName: "m" } },
];

const containers: readonly Told[] = [
  {
    name: "runs",
    spec: one,
    status: { phase: "Running", containerStatuses: [container("c", running, ready)] },
  },
  ...["CrashLoopBackOff", "ImagePullBackOff", "ContainerCreating", ""].map((reason, index) => ({
    name: `waits-${index}`,
    spec: one,
    status: {
      phase: "Pending",
      containerStatuses: [
        container("c", waiting(reason), { restartCount: 3, lastState: ended(1, { reason: "Error" }) }),
      ],
    },
  })),
  ...[
    ended(0, { reason: "Completed" }),
    ended(1, { reason: "Error" }),
    ended(137, { reason: "OOMKilled" }),
    ended(2),
    ended(0, { signal: 9 }),
    ended(0),
  ].map((state, index) => ({
    name: `ended-${index}`,
    spec: { ...one, restartPolicy: "Never" },
    status: { phase: "Running", containerStatuses: [container("c", state)] },
  })),
  ...[
    { conditions: [holds("Ready")], others: container("d", running, ready) },
    { conditions: [holds("Ready", "False")], others: container("d", running, ready) },
    { conditions: [], others: container("d", ended(3, { reason: "Error" })) },
    { conditions: [], others: container("d", ended(3)) },
    { conditions: [], others: container("d", waiting("CrashLoopBackOff")) },
  ].map(({ conditions, others }, index) => ({
    name: `completed-${index}`,
    spec: two,
    status: {
      phase: "Running",
      conditions,
      containerStatuses: [container("c", ended(0, { reason: "Completed" })), others],
    },
  })),
  {
    name: "restarted",
    spec: two,
    status: {
      phase: "Running",
      containerStatuses: [
        container("c", running, { ...ready, restartCount: 2, lastState: ended(1) }),
        container("d", running, { ...ready, restartCount: 1 }),
      ],
    },
  },
  {
    name: "restarted-untold",
    spec: one,
    status: { phase: "Running", containerStatuses: [container("c", running, { restartCount: 2 })] },
  },
];

const done = container("i", ended(0, { reason: "Completed" }), { ready: true, restartCount: 2 });
const starts: readonly Told[] = [
  ...[
    [container("i", waiting("PodInitializing"))],
    [container("i", running), container("j", waiting("PodInitializing"))],
    [done, container("j", waiting("ImagePullBackOff"), { restartCount: 1, lastState: ended(1) })],
    [done, container("j", ended(1, { reason: "Error" }))],
    [done, container("j", ended(4))],
    [done, container("j", ended(1, { signal: 9 }))],
    [done, { ...done, name: "j" }],
    [
      container("i", waiting("CrashLoopBackOff"), { restartCount: 5 }),
      container("j", waiting("X"), { restartCount: 7 }),
    ],
  ].map((initContainerStatuses, index) => ({
    name: `starts-${index}`,
    spec: started,
    status: {
      phase: "Pending",
      initContainerStatuses,
      containerStatuses: [container("c", waiting("PodInitializing"))],
    },
  })),
  {
    name: "starts-again",
    spec: started,
    status: {
      phase: "Running",
      conditions: [holds("Initialized")],
      initContainerStatuses: [container("i", waiting("CrashLoopBackOff"), { restartCount: 4 })],
      containerStatuses: [container("c", running, { ...ready, restartCount: 1 })],
    },
  },
  ...[
    { sidecar: container("s", running, ready), main: container("c", running, ready) },
    { sidecar: container("s", running, { started: true }), main: container("c", running, ready) },
    {
      sidecar: container("s", running, { started: false }),
      main: container("c", waiting("PodInitializing")),
    },
    {
      sidecar: container("s", running, { ...ready, restartCount: 6, lastState: ended(1) }),
      main: container("c", ended(0, { reason: "Completed" })),
    },
    { sidecar: container("s", ended(0)), main: container("c", running, ready) },
    { sidecar: container("s", ended(1, { reason: "Error" })), main: container("c", running, ready) },
  ].map(({ sidecar, main }, index) => ({
    name: `aided-${index}`,
    spec: aided,
    status: {
      phase: "Running",
      initContainerStatuses: [done, sidecar],
      containerStatuses: [main],
    },
  })),
];

const scenario = (name: string, all: readonly Told[], ...more: readonly Exchange[]): Scenario => ({
  name,
  exchanges: [...all.flatMap((pod) => told(pods, "v1", "Pod", pod)), tableOf(pods), ...more],
});

export const podTables: readonly Scenario[] = [
  scenario(
    "phases of pods",
    phases,
    get(`${pods}/succeeded`, table()),
    get(`${pods}/failed`, table("v1beta1")),
    get(`${pods}?includeObject=None&fieldSelector=status.phase=Succeeded`, table()),
  ),
  scenario("containers of pods", containers),
  scenario("init containers of pods", starts),
];
