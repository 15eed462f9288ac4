import { FakeClock, silentLogger, toDisposable } from "@berth/base";
import { describe, expect, it } from "vitest";
import type { Pod, PodStatus } from "../../api/index.ts";
import { FakeRuntime } from "../../../test/support/fake-runtime/fake-runtime.ts";
import { VerbError } from "../../pluginhost/contracts/index.ts";
import { ContainerHooks } from "../containers/container-hooks.ts";
import { ContainerKiller } from "../containers/container-killer.ts";
import { ContainerStarter } from "../containers/container-starter.ts";
import type { PodEvent } from "../events/pod-events.ts";
import { ImagePuller } from "../images/image-puller.ts";
import type { PodParts } from "./pod-parts.ts";
import { PodWorker } from "./pod-worker.ts";
import { SandboxStarter } from "./sandbox-starter.ts";

interface World {
  clock: FakeClock;
  runtime: FakeRuntime;
  events: PodEvent[];
  deleted: string[];
  cleaned: string[];
  verdicts: Map<string, boolean>;
  worker: PodWorker;
  status(): PodStatus;
  settle(): Promise<void>;
  update(change: (pod: Pod) => void): void;
}

function makePod(spec: Partial<NonNullable<Pod["spec"]>> = {}): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", uid: "uid-1", generation: 1 },
    spec: { containers: [{ name: "app", image: "hello:1" }], terminationGracePeriodSeconds: 30, ...spec },
  };
}

function makeWorld(
  pod: Pod,
  options: { runtime?: FakeRuntime; clock?: FakeClock; known?: boolean; status?: PodStatus } = {},
): World {
  const clock = options.clock ?? new FakeClock();
  const runtime = options.runtime ?? new FakeRuntime(clock, { images: ["hello:1"] });
  const events: PodEvent[] = [];
  const deleted: string[] = [];
  const cleaned: string[] = [];
  const verdicts = new Map<string, boolean>();
  let status: PodStatus = options.status ?? {};
  let current = pod;
  const sink = { record: (_pod: Pod, event: PodEvent) => void events.push(event) };
  const hooks = new ContainerHooks({ clock, http: { get: async () => ({ success: true, message: "" }) } });
  const parts: PodParts = {
    clock,
    logger: silentLogger,
    events: sink,
    runtimes: {
      choose: async () => ({ handler: runtime, runtimeName: "fake" }),
      settle() {},
      forget() {},
    },
    sandboxes: new SandboxStarter({
      events: sink,
      ground: { prepare: async () => {} },
      settings: () => ({
        nodeDns: { servers: [], searches: [], options: [] },
        clusterDns: { servers: [], domain: "cluster.local" },
        logsRoot: "/logs",
        cgroupRoot: "kubepods",
        cgroupDriver: "cgroupfs",
        seccompRoot: "/seccomp",
        nodeName: "one",
        plugin: runtime.plugin,
      }),
    }),
    starter: new ContainerStarter({
      clock,
      events: sink,
      images: new ImagePuller({ clock, events: sink }),
      hooks,
      sources: {
        environment: async () => new Map(),
        devices: async () => [],
        mounts: async () => ({ mounts: [], groups: [], terminationMessageFile: "" }),
        pullSecrets: async () => [],
      },
      settings: { memoryBytes: 1 << 30, seccompRoot: "/seccomp" },
    }),
    killer: new ContainerKiller({ clock, events: sink, hooks, logger: silentLogger }),
    volumes: { mount: async () => {}, refresh: async () => {}, unmount: async () => {} },
    ground: {
      clean: async (one) => void cleaned.push(one.metadata.name),
      terminationMessage: async () => "",
      forgetContainer: async () => {},
    },
    probes: (wake) => {
      runtime.changed.event(() => wake());
      const verdict = (kind: string) => (id: string) => verdicts.get(`${kind} ${id}`);
      return {
        ...toDisposable("probes", () => {}),
        follow() {},
        startup: verdict("startup"),
        liveness: verdict("liveness"),
        readiness: verdict("readiness"),
      };
    },
    statuses: {
      report: (_pod, next) => void (status = next),
      current: () => status,
      flush: async () => {},
      confirmDeletion: async (one) => void deleted.push(one.metadata.name),
      forget() {},
    },
    hostIps: () => ["192.0.2.1"],
    containerExtra: () => ({}),
  };
  const worker = new PodWorker(pod, parts, { known: options.known ?? false, onEnded: () => {} });
  return {
    clock,
    runtime,
    events,
    deleted,
    cleaned,
    verdicts,
    worker,
    status: () => status,
    async settle() {
      worker.wake();
      for (let turn = 0; turn < 10; turn++) await clock.advance(0);
    },
    update(change) {
      current = structuredClone(current);
      change(current);
      worker.update(current);
    },
  };
}

const reasons = (world: World): string[] => world.events.map((event) => event.reason);
const condition = (status: PodStatus, type: string): string | undefined =>
  status.conditions?.find((one) => one.type === type)?.status;

describe("a pod on the node", () => {
  it("gets a sandbox and all its containers, and is Ready with its address", async () => {
    const world = makeWorld(
      makePod({
        containers: [
          { name: "app", image: "hello:1" },
          { name: "side", image: "hello:1" },
        ],
      }),
    );
    await world.settle();
    expect(world.runtime.calls).toEqual([
      "runPodSandbox web#0",
      "createContainer app#0",
      "createContainer side#0",
      "startContainer app#0",
      "startContainer side#0",
    ]);
    expect(world.status()).toMatchObject({
      phase: "Running",
      podIP: "10.88.0.2",
      hostIP: "192.0.2.1",
      qosClass: "BestEffort",
    });
    expect(condition(world.status(), "Ready")).toBe("True");
    expect(condition(world.status(), "PodReadyToStartContainers")).toBe("True");
    expect(world.status().containerStatuses?.[0]).toMatchObject({
      name: "app",
      ready: true,
      started: true,
      restartCount: 0,
      containerID: "fake://container-2",
    });
    expect(reasons(world)).toEqual(["Pulled", "Pulled", "Created", "Created", "Started", "Started"]);
  });

  it("waits for its runtime, says so once, and starts when it is there", async () => {
    const world = makeWorld(makePod());
    world.runtime.ready = false;
    await world.settle();
    await world.settle();
    expect(world.runtime.calls).toEqual([]);
    expect(world.events).toHaveLength(1);
    expect(world.events[0]?.message).toContain('runtime handler "runc" is not ready');
    expect(world.status().containerStatuses?.[0]?.state?.waiting?.reason).toBe("WaitingForNode");
    world.runtime.ready = true;
    world.worker.retryNow();
    await world.settle();
    expect(world.status().phase).toBe("Running");
  });

  it("runs init containers one after the other before the others", async () => {
    const world = makeWorld(
      makePod({
        initContainers: [
          { name: "one", image: "hello:1" },
          { name: "two", image: "hello:1" },
        ],
      }),
    );
    await world.settle();
    expect(world.status().phase).toBe("Pending");
    expect(world.runtime.find("two")).toBeUndefined();
    world.runtime.exit("one", 0);
    await world.settle();
    expect(world.runtime.find("app")).toBeUndefined();
    world.runtime.exit("two", 0);
    await world.settle();
    expect(world.status().phase).toBe("Running");
    expect(condition(world.status(), "Initialized")).toBe("True");
  });

  it("restarts what crashed: at once, then after 10 s, then after 20 s", async () => {
    const world = makeWorld(makePod());
    await world.settle();
    world.runtime.exit("app", 1);
    await world.settle();
    expect(world.status().containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 1, reason: "Error" } },
    });
    world.runtime.exit("app", 1);
    await world.settle();
    expect(world.status().containerStatuses?.[0]?.state?.waiting?.reason).toBe("CrashLoopBackOff");
    await world.clock.advance(9_999);
    expect(world.runtime.find("app")?.config.metadata?.attempt).toBe(1);
    await world.clock.advance(1);
    await world.settle();
    expect(world.runtime.find("app")?.config.metadata?.attempt).toBe(2);
    world.runtime.exit("app", 1);
    await world.settle();
    await world.clock.advance(19_000);
    expect(world.runtime.find("app")?.config.metadata?.attempt).toBe(2);
    await world.clock.advance(1_000);
    await world.settle();
    expect(world.runtime.find("app")?.config.metadata?.attempt).toBe(3);
    expect(reasons(world).filter((reason) => reason === "BackOff")).toHaveLength(2);
  });

  it("has succeeded when nothing is left to run, and lets its network go", async () => {
    const world = makeWorld(makePod({ restartPolicy: "Never" }));
    await world.settle();
    world.runtime.exit("app", 0);
    await world.settle();
    expect(world.status().phase).toBe("Succeeded");
    expect(world.status().containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 0,
      reason: "Completed",
    });
    expect(world.runtime.calls).toContain("stopPodSandbox sandbox-1");
    expect(world.runtime.containers.size).toBe(1);
  });

  it("is replaced as a whole when its sandbox dies", async () => {
    const world = makeWorld(makePod());
    await world.settle();
    world.runtime.sandboxes.get("sandbox-1")!.ready = false;
    await world.settle();
    expect(world.runtime.calls).toContain("runPodSandbox web#1");
    expect(world.runtime.find("app")).toMatchObject({ sandboxId: "sandbox-3", state: "CONTAINER_RUNNING" });
    expect(reasons(world)).toContain("SandboxChanged");
  });

  it("restarts a container that fails its liveness probe", async () => {
    const world = makeWorld(makePod());
    await world.settle();
    world.verdicts.set(`liveness ${world.runtime.find("app")!.id}`, false);
    await world.settle();
    expect(world.runtime.calls).toContain("stopContainer app 30s");
    expect(world.runtime.find("app")).toMatchObject({
      state: "CONTAINER_RUNNING",
      config: { metadata: { attempt: 1 } },
    });
    expect(world.events.find((event) => event.reason === "Killing")?.message).toBe(
      "Container app failed liveness probe, will be restarted",
    );
  });

  it("is found again after a restart of the node, and nothing of it is restarted", async () => {
    const first = makeWorld(makePod());
    await first.settle();
    const calls = first.runtime.calls.length;
    await first.worker.dispose();
    const second = makeWorld(makePod(), {
      runtime: first.runtime,
      clock: first.clock,
      known: true,
      status: first.status(),
    });
    await second.settle();
    expect(first.runtime.calls.length).toBe(calls);
    expect(second.status()).toEqual(first.status());
  });
});

describe("a pod that is deleted", () => {
  it("is ended, cleaned up and only then confirmed to the API", async () => {
    const world = makeWorld(makePod());
    await world.settle();
    world.update((pod) => {
      pod.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
      pod.metadata.deletionGracePeriodSeconds = 5;
    });
    await world.settle();
    expect(world.runtime.calls.slice(3)).toEqual([
      "stopContainer app 5s",
      "stopPodSandbox sandbox-1",
      "removeContainer container-2",
      "removePodSandbox sandbox-1",
    ]);
    expect(world.deleted).toEqual(["web"]);
    expect(world.cleaned).toEqual(["web"]);
    expect(world.clock.pendingCount).toBe(0);
  });

  it("runs the preStop hook inside the grace period", async () => {
    const preStop = { exec: { command: ["drain"] } };
    const world = makeWorld(
      makePod({ containers: [{ name: "app", image: "hello:1", lifecycle: { preStop } }] }),
    );
    await world.settle();
    world.update((pod) => {
      pod.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    });
    await world.settle();
    expect(world.runtime.calls.slice(3, 5)).toEqual(["execSync app drain", "stopContainer app 30s"]);
  });

  it("is cut short when a second deletion gives less time", async () => {
    const world = makeWorld(makePod());
    world.runtime.ignoresTerm = true;
    await world.settle();
    world.update((pod) => {
      pod.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    });
    await world.settle();
    expect(world.deleted).toEqual([]);
    world.update((pod) => {
      pod.metadata.deletionGracePeriodSeconds = 0;
    });
    await world.settle();
    expect(world.runtime.calls).toContain("stopContainer app 0s");
    expect(world.deleted).toEqual(["web"]);
  });

  it("goes without a trace when the API has forgotten it", async () => {
    const world = makeWorld(makePod());
    await world.settle();
    world.worker.abandon();
    await world.settle();
    expect(world.runtime.sandboxes.size + world.runtime.containers.size).toBe(0);
    expect(world.deleted).toEqual([]);
  });

  it("is not lost while its runtime is down: the end is tried again", async () => {
    const world = makeWorld(makePod());
    await world.settle();
    world.runtime.ready = false;
    world.worker.abandon();
    await world.settle();
    world.runtime.ready = true;
    world.worker.retryNow();
    await world.settle();
    expect(world.runtime.sandboxes.size).toBe(0);
  });
});

describe("an image", () => {
  const failure = new VerbError("fake: PullImage", "NOT_FOUND", "no such image", { retryable: false });
  const waitingOf = (world: World) =>
    world.status().containerStatuses?.map(({ state }) => state?.waiting?.reason);
  const pulls = (world: World): number =>
    world.runtime.calls.filter((call) => call.startsWith("pullImage")).length;
  const makeHungry = (): World => {
    const clock = new FakeClock();
    const containers = ["app", "other"].map((name) => ({ name, image: "hello:1" }));
    const world = makeWorld(makePod({ containers }), { clock, runtime: new FakeRuntime(clock) });
    world.runtime.failures.set("pullImage", failure);
    return world;
  };

  it("that cannot be pulled is told with the registry's words and tried again with back-off", async () => {
    const world = makeHungry();
    await world.settle();
    expect(world.status().containerStatuses?.[0]?.state?.waiting).toEqual({
      reason: "ErrImagePull",
      message: "no such image",
    });
    await world.clock.advance(1);
    await world.settle();
    expect(waitingOf(world)).toEqual(["ImagePullBackOff", "ImagePullBackOff"]);
    expect(pulls(world)).toBe(1);
    await world.clock.advance(10_000);
    await world.settle();
    expect(pulls(world)).toBe(2);
    world.runtime.failures.clear();
    await world.clock.advance(19_000);
    expect(pulls(world)).toBe(2);
    await world.clock.advance(1_000);
    await world.settle();
    expect(world.status().phase).toBe("Running");
  });

  it("that turns up by an import is used at once, although its pull backs off", async () => {
    const world = makeHungry();
    await world.settle();
    await world.clock.advance(1);
    await world.settle();
    world.runtime.images.set("hello:1", {});
    world.worker.tryHeld();
    await world.settle();
    expect(world.status().phase).toBe("Running");
    expect(pulls(world)).toBe(1);
  });
});

describe("a pod with a deadline", () => {
  it("is ended when it is over, and fails with that reason", async () => {
    const world = makeWorld(makePod({ activeDeadlineSeconds: 60 }));
    await world.settle();
    await world.clock.advance(59_000);
    expect(world.status().phase).toBe("Running");
    await world.clock.advance(2_000);
    await world.settle();
    expect(world.status()).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
    expect(world.runtime.find("app")?.state).toBe("CONTAINER_EXITED");
    expect(world.deleted).toEqual([]);
  });
});
