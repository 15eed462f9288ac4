import { describe, expect, it } from "vitest";
import type { Container, Pod, PodStatus } from "../../api/index.ts";
import type { ActualContainer } from "../actual/pod-actual.ts";
import { podStatus, type PodStatusInput } from "./pod-status.ts";
import { statusPatch, withConditionsOfOthers } from "./status-patch.ts";

const none = (): undefined => undefined;

function actual(name: string, own: Partial<ActualContainer> = {}): ActualContainer {
  return {
    id: `${name}-${own.attempt ?? 0}`,
    name,
    sandboxId: "s",
    attempt: 0,
    phase: "running",
    createdAt: 0,
    startedAt: 1_000,
    finishedAt: 2_000,
    exitCode: 0,
    reason: "",
    message: "",
    image: "hello:1",
    imageRef: "sha256:1",
    logPath: "",
    hash: "",
    ...own,
  };
}

function status(
  spec: Partial<NonNullable<Pod["spec"]>>,
  containers: ActualContainer[],
  own: Partial<PodStatusInput> = {},
): PodStatus {
  return podStatus({
    pod: {
      metadata: { name: "web", uid: "u", generation: 3 },
      spec: { containers: [{ name: "app" }], ...spec },
    },
    previous: {},
    actual: {
      sandboxes: [{ id: "s", attempt: 0, ready: true, createdAt: 0, ips: ["10.0.0.1", "fd00::1"] }],
      containers,
    },
    probes: { startup: none, liveness: none, readiness: none },
    runtimeName: "containerd",
    waiting: {},
    terminationMessages: new Map(),
    busy: new Set(),
    finished: false,
    hostIps: ["192.0.2.1"],
    acceptedAt: 500,
    now: 5_000,
    failure: undefined,
    extra: () => ({}),
    ...own,
  });
}

const conditions = (of: PodStatus): Record<string, string> =>
  Object.fromEntries((of.conditions ?? []).map(({ type, status: word }) => [type, word]));
const exited = (name: string, exitCode: number, own: Partial<ActualContainer> = {}): ActualContainer =>
  actual(name, { phase: "exited", exitCode, ...own });

describe("the phase of a pod", () => {
  const never = { restartPolicy: "Never" } as const;
  it.each<[string, Partial<NonNullable<Pod["spec"]>>, ActualContainer[], boolean, string]>([
    ["nothing has begun", {}, [], false, "Pending"],
    ["all run", {}, [actual("app")], false, "Running"],
    ["it crashed and will be restarted", {}, [exited("app", 1)], false, "Running"],
    ["all ended well for good", never, [exited("app", 0)], true, "Succeeded"],
    ["one failed for good", never, [exited("app", 2)], true, "Failed"],
    [
      "an init container failed for good",
      { ...never, initContainers: [{ name: "i" }] },
      [exited("i", 1)],
      true,
      "Failed",
    ],
    [
      "an init container is repeated",
      { initContainers: [{ name: "i" }] },
      [exited("i", 1)],
      false,
      "Pending",
    ],
  ])("when %s", (_title, spec, containers, finished, expected) => {
    expect(status(spec, containers, { finished }).phase).toBe(expected);
  });

  it("stays what it was once the pod has ended", () => {
    expect(status({}, [], { previous: { phase: "Succeeded" } }).phase).toBe("Succeeded");
  });

  it("is Failed with a reason when the pod was ended as a whole", () => {
    const failure = { reason: "DeadlineExceeded", message: "too long" };
    expect(status({}, [exited("app", 137)], { failure, finished: true })).toMatchObject({
      phase: "Failed",
      ...failure,
    });
  });
});

describe("conditions of a pod", () => {
  it("are all true when everything runs, with addresses and times", () => {
    const ready = status({}, [actual("app")]);
    expect(conditions(ready)).toEqual({
      PodReadyToStartContainers: "True",
      Initialized: "True",
      Ready: "True",
      ContainersReady: "True",
      PodScheduled: "True",
    });
    expect(ready).toMatchObject({
      podIP: "10.0.0.1",
      podIPs: [{ ip: "10.0.0.1" }, { ip: "fd00::1" }],
      hostIP: "192.0.2.1",
      startTime: "1970-01-01T00:00:00Z",
      observedGeneration: 3,
    });
  });

  it("name the containers that are not ready or not initialized", () => {
    const spec = { initContainers: [{ name: "i" }], containers: [{ name: "app" }, { name: "b" }] };
    const found = status(spec, [actual("i")]).conditions;
    expect(found?.find(({ type }) => type === "Ready")?.message).toBe(
      "containers with unready status: [app b]",
    );
    expect(found?.find(({ type }) => type === "Initialized")?.message).toBe(
      "containers with incomplete status: [i]",
    );
  });

  it("wait for readiness gates that others open", () => {
    const spec = { readinessGates: [{ conditionType: "example.com/open" }] };
    expect(conditions(status(spec, [actual("app")]))["Ready"]).toBe("False");
    const previous = { conditions: [{ type: "example.com/open", status: "True" }] };
    expect(conditions(status(spec, [actual("app")], { previous }))).toMatchObject({
      Ready: "True",
      "example.com/open": "True",
    });
  });

  it("keep their time until their word changes", () => {
    const first = status({}, [actual("app")]);
    const later = status({}, [actual("app")], { previous: first, now: 60_000 });
    expect(later.conditions).toEqual(first.conditions);
    const gone = status({}, [exited("app", 1)], { previous: first, now: 60_000 });
    expect(gone.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime).toBe(
      "1970-01-01T00:01:00Z",
    );
  });
});

describe("the status of a container", () => {
  const only = (of: PodStatus) => of.containerStatuses?.[0];

  it("tells how it ended last time, in its own words", () => {
    const terminationMessages = new Map([["app-0", "out of luck"]]);
    const found = only(
      status({}, [actual("app", { attempt: 1 }), exited("app", 3)], { terminationMessages }),
    );
    expect(found).toMatchObject({
      restartCount: 1,
      containerID: "containerd://app-1",
      state: { running: { startedAt: "1970-01-01T00:00:01Z" } },
      lastState: {
        terminated: {
          exitCode: 3,
          reason: "Error",
          message: "out of luck",
          containerID: "containerd://app-0",
        },
      },
    });
  });

  it("keeps how it ended while it is held down, and after the runtime has removed it", () => {
    const waiting = { app: { reason: "CrashLoopBackOff", message: "back-off 10s" } };
    const held = status({}, [exited("app", 1)], { waiting });
    expect(only(held)).toMatchObject({
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 1 } },
    });
    const after = status({}, [actual("app", { attempt: 1 })], { previous: held });
    expect(only(after)?.lastState?.terminated?.exitCode).toBe(1);
  });

  it("is not ready before its probes say so, and remembers what they said before the node came back", () => {
    const containers: Container[] = [{ name: "app", readinessProbe: {}, startupProbe: {} }];
    const unknown = status({ containers }, [actual("app")]);
    expect(only(unknown)).toMatchObject({ ready: false, started: false });
    const probes = { startup: () => true, liveness: none, readiness: () => true };
    const ready = status({ containers }, [actual("app")], { probes });
    expect(only(ready)).toMatchObject({ ready: true, started: true });
    expect(only(status({ containers }, [actual("app")], { previous: ready }))).toMatchObject({
      ready: true,
      started: true,
    });
    const other = status({ containers }, [actual("app", { attempt: 1 })], { previous: ready });
    expect(only(other)).toMatchObject({ ready: false, started: false });
  });

  it("is not started while its start hook runs", () => {
    expect(only(status({}, [actual("app")], { busy: new Set(["app"]) }))).toMatchObject({
      ready: false,
      started: false,
    });
  });

  it("is killed, not waiting, when the runtime lost it", () => {
    const previous = status({}, [actual("app")]);
    expect(only(status({}, [], { previous }))?.state?.terminated).toMatchObject({
      exitCode: 137,
      reason: "ContainerStatusUnavailable",
    });
  });

  it("waits for init containers by their name", () => {
    const found = status({ initContainers: [{ name: "i" }] }, []);
    expect(only(found)?.state?.waiting?.reason).toBe("PodInitializing");
    expect(only(status({}, []))?.state?.waiting?.reason).toBe("ContainerCreating");
  });
});

describe("the patch of a status", () => {
  const pod: Pod = {
    metadata: { name: "web", uid: "u", resourceVersion: "7" },
    spec: { containers: [] },
    status: { phase: "Pending", reason: "Evicted", podIPs: [{ ip: "10.0.0.1" }] },
  };

  it("has what changed, takes back what is gone, and is bound to what was read", () => {
    expect(statusPatch(pod, { phase: "Running", podIPs: [{ ip: "10.0.0.1" }] })).toEqual({
      metadata: { uid: "u", resourceVersion: "7" },
      status: { phase: "Running", reason: null },
    });
  });

  it("is none when nothing changed", () => {
    expect(statusPatch(pod, { ...pod.status })).toBeUndefined();
  });

  it("keeps conditions that others set meanwhile", () => {
    const reported = {
      conditions: [
        { type: "Ready", status: "True" },
        { type: "theirs", status: "False" },
      ],
    };
    const held = {
      ...pod,
      status: {
        conditions: [
          { type: "Ready", status: "False" },
          { type: "theirs", status: "True" },
        ],
      },
    };
    expect(withConditionsOfOthers(reported, held).conditions).toEqual([
      { type: "Ready", status: "True" },
      { type: "theirs", status: "True" },
    ]);
  });
});
