import { describe, expect, it } from "vitest";
import { makePod, makeWorld, type World } from "../../../test/support/fake-runtime/pod-world.ts";
import type { PodStatus } from "../../api/index.ts";

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
