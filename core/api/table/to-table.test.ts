import { describe, expect, test } from "vitest";
import type { ContainerStatus, Pod, Table } from "../generated/types.ts";
import type { JsonObject } from "../json/json-value.ts";
import { kinds } from "../kinds/kinds.ts";
import { plainMetadata, toTable } from "./to-table.ts";

const now = Date.parse("2026-01-01T01:00:00Z");
const created = "2026-01-01T00:55:00Z";

function row(group: string, version: string, resource: string, object: object): Record<string, unknown> {
  const table: Table = toTable(kinds.byResource(group, version, resource)!, [object as JsonObject], { now });
  const cells = table.rows[0]!.cells as unknown[];
  return Object.fromEntries(table.columnDefinitions.map(({ name }, index) => [name, cells[index]]));
}

const running: ContainerStatus = {
  name: "a",
  ready: true,
  restartCount: 0,
  image: "i",
  imageID: "",
  state: { running: { startedAt: created } },
};

function pod(parts: { metadata?: object; spec?: object; status?: object }): Pod {
  return {
    metadata: { name: "p", creationTimestamp: created, ...parts.metadata },
    spec: { containers: [{ name: "a" }], ...parts.spec },
    status: { phase: "Running", ...parts.status },
  };
}

const podRow = (parts: Parameters<typeof pod>[0]) => row("", "v1", "pods", pod(parts));

describe("the row of a pod", () => {
  test("counts ready containers and shows the phase and the age", () => {
    expect(podRow({ status: { containerStatuses: [running], podIP: "10.0.0.1" } })).toMatchObject({
      Name: "p",
      Ready: "1/1",
      Status: "Running",
      Restarts: "0",
      Age: "5m",
      IP: "10.0.0.1",
      Node: "<none>",
    });
  });

  test("shows why a container waits or ended, and when it restarted last", () => {
    const waiting: ContainerStatus = {
      ...running,
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 1, finishedAt: "2026-01-01T00:59:00Z" } },
    };
    expect(podRow({ status: { containerStatuses: [waiting] } })).toMatchObject({
      Ready: "0/1",
      Status: "CrashLoopBackOff",
      Restarts: "3 (60s ago)",
    });
    const ended: ContainerStatus = { ...running, ready: false, state: { terminated: { exitCode: 3 } } };
    expect(podRow({ status: { containerStatuses: [ended] } })["Status"]).toBe("ExitCode:3");
  });

  test("shows how far the init containers are", () => {
    const status = {
      phase: "Pending",
      initContainerStatuses: [
        { ...running, name: "x", state: { terminated: { exitCode: 0 } } },
        { ...running, name: "y", ready: false, state: { running: {} } },
      ],
    };
    expect(podRow({ spec: { initContainers: [{ name: "x" }, { name: "y" }] }, status })["Status"]).toBe(
      "Init:1/2",
    );
  });

  test("counts a started sidecar among the ready containers", () => {
    const status = {
      conditions: [{ type: "Initialized", status: "True" }],
      initContainerStatuses: [{ ...running, name: "s", started: true }],
      containerStatuses: [running],
    };
    const spec = { initContainers: [{ name: "s", restartPolicy: "Always" }] };
    expect(podRow({ spec, status })).toMatchObject({ Ready: "2/2", Status: "Running" });
  });

  test("says Terminating while it is being deleted", () => {
    expect(podRow({ metadata: { deletionTimestamp: created } })["Status"]).toBe("Terminating");
  });
});

test("the row of a node shows readiness, roles and cordon", () => {
  const node = {
    metadata: { name: "n", labels: { "node-role.kubernetes.io/worker": "" }, creationTimestamp: created },
    spec: { unschedulable: true },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  };
  expect(row("", "v1", "nodes", node)).toMatchObject({ Status: "Ready,SchedulingDisabled", Roles: "worker" });
});

test("an event looks the same through both its groups", () => {
  const core = {
    metadata: { name: "e" },
    involvedObject: { kind: "Pod", name: "p" },
    message: "hi",
    count: 2,
  };
  const events = { metadata: { name: "e" }, regarding: core.involvedObject, note: "hi", deprecatedCount: 2 };
  expect(row("events.k8s.io", "v1", "events", events)).toEqual(row("", "v1", "events", core));
});

test("a plugin instance shows state, marks and the reason", () => {
  const instance = {
    metadata: { name: "device-gpu.n" },
    spec: { plugin: "device-gpu", nodeName: "n", contract: "device" },
    status: {
      state: "ready",
      simulated: true,
      reason: "",
      pid: 7,
      lastCause: { message: "killed by SIGKILL" },
    },
  };
  expect(row("berth.dev", "v1alpha1", "plugininstances", instance)).toMatchObject({
    State: "ready,simulated",
    PID: "7",
    "Last-Cause": "killed by SIGKILL",
  });
});

test("every column of every kind can be computed for an object that has nothing but a name", () => {
  for (const kind of kinds.all()) {
    const bare = {
      metadata: { name: "x" },
      spec: { containers: [], template: {}, jobTemplate: {}, source: {}, scaleTargetRef: {} },
    };
    const extra = { involvedObject: {}, regarding: {}, roleRef: {}, endpoints: [] };
    const { rows } = toTable(kind, [{ ...bare, ...extra }], { now });
    expect({ [kind.kind]: rows[0]!.cells }).not.toEqual({ [kind.kind]: expect.arrayContaining([undefined]) });
  }
});

test("rows carry metadata, the object or nothing", () => {
  const kind = kinds.byResource("", "v1", "configmaps")!;
  const object = { metadata: { name: "c" }, data: { a: "b" } };
  const rowObject = (includeObject: "None" | "Metadata" | "Object") =>
    toTable(kind, [object], { now, includeObject }).rows[0]!.object;
  expect(rowObject("None")).toBeNull();
  expect(rowObject("Object")).toBe(object);
  expect(rowObject("Metadata")).toEqual({
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: { name: "c" },
  });
});

test("every column says what it shows, by the field's documentation or in a sentence", () => {
  const untold = kinds
    .all()
    .filter(({ group }) => group !== "berth.dev")
    .flatMap((kind) => toTable(kind, [], { now }).columnDefinitions.map((column) => ({ kind, column })))
    .filter(({ column }) => column.description === "")
    .map(({ kind, column }) => `${kind.resource}: ${column.name}`);
  // Upstream says nothing of them either.
  expect(new Set(untold)).toEqual(
    new Set([
      "leasecandidates: BinaryVersion",
      "leasecandidates: EmulationVersion",
      "runtimeclasses: Handler",
    ]),
  );
});

test("a pod that came to its end says so beside its cells", () => {
  const kind = kinds.byResource("", "v1", "pods")!;
  const conditionsOf = (phase: string) =>
    toTable(kind, [pod({ status: { phase } }) as unknown as JsonObject], { now }).rows[0]!.conditions;
  expect(conditionsOf("Running")).toBeUndefined();
  expect(conditionsOf("Failed")).toMatchObject([{ type: "Completed", status: "True", reason: "Failed" }]);
});

test("flow schemas stand in the order of their precedence, then of their names", () => {
  const kind = kinds.byResource("flowcontrol.apiserver.k8s.io", "v1", "flowschemas")!;
  const schema = (name: string, matchingPrecedence: number) => ({
    metadata: { name },
    spec: { matchingPrecedence },
  });
  const { rows } = toTable(kind, [schema("b", 5), schema("a", 5), schema("c", 1)], { now });
  expect(rows.map(({ cells }) => cells[0] as unknown)).toEqual(["c", "a", "b"]);
});

test("the metadata of a daemon set leaves out what its version wrote into it", () => {
  const annotations = { "deprecated.daemonset.template.generation": "1" };
  const set = (more: object) => ({
    kind: "DaemonSet",
    metadata: { name: "d", annotations: { ...annotations, ...more } },
  });
  expect(plainMetadata(set({}))).toEqual({ name: "d" });
  expect(plainMetadata(set({ a: "b" }))).toEqual({ name: "d", annotations: { a: "b" } });
});
