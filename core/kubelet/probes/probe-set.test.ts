import { FakeClock } from "@berth/base";
import { describe, expect, it } from "vitest";
import { FakeRuntime } from "../../../test/support/fake-runtime/fake-runtime.ts";
import type { Container, Pod } from "../../api/index.ts";
import type { PodActual } from "../actual/pod-actual.ts";
import type { PodEvent } from "../events/pod-events.ts";
import { ProbeRunner } from "./probe-run.ts";
import { ProbeSet } from "./probe-set.ts";

function setUp(container: Partial<Container>) {
  const clock = new FakeClock();
  const runtime = new FakeRuntime(clock);
  const answers = { http: true, tcp: true };
  const asked: string[] = [];
  const events: PodEvent[] = [];
  let woken = 0;
  const set = new ProbeSet(
    {
      clock,
      events: { record: (_pod, event) => void events.push(event) },
      runner: new ProbeRunner({
        clock,
        http: {
          get: async (action, { host, port }) => {
            asked.push(`${host}:${port}${action.path}`);
            return { success: answers.http, message: "HTTP probe failed with statuscode: 500" };
          },
        },
        tcp: { connect: async () => ({ success: answers.tcp, message: "refused" }) },
        grpc: { check: async () => ({ success: true, message: "" }) },
      }),
      hostIps: () => ["192.0.2.1"],
    },
    () => woken++,
  );
  const pod: Pod = { metadata: { name: "web" }, spec: { containers: [{ name: "app", ...container }] } };
  const actual: PodActual = {
    sandboxes: [{ id: "s", attempt: 0, ready: true, createdAt: 0, ips: ["10.88.0.2"] }],
    containers: [
      {
        id: "c1",
        name: "app",
        sandboxId: "s",
        attempt: 0,
        phase: "running",
        createdAt: clock.now(),
        startedAt: clock.now(),
        finishedAt: 0,
        exitCode: 0,
        reason: "",
        message: "",
        image: "",
        imageRef: "",
        logPath: "",
        hash: "",
      },
    ],
  };
  return { clock, set, pod, actual, runtime, answers, asked, events, woken: () => woken };
}

describe("probes of a pod", () => {
  it("ask at once, at the port's number for its name, and then every period", async () => {
    const world = setUp({
      ports: [{ name: "web", containerPort: 8080 }],
      readinessProbe: { httpGet: { path: "/ready", port: "web" }, periodSeconds: 5 },
    });
    world.set.follow(world.pod, world.actual, world.runtime);
    await world.clock.advance(0);
    expect(world.asked).toEqual(["10.88.0.2:8080/ready"]);
    expect(world.set.readiness("c1")).toBe(true);
    expect(world.woken()).toBe(1);
    await world.clock.advance(10_000);
    expect(world.asked).toHaveLength(3);
    world.set.dispose();
    expect(world.clock.pendingCount).toBe(0);
  });

  it("turn only after as many failures in a row as the threshold asks for, each told", async () => {
    const world = setUp({
      livenessProbe: { httpGet: { path: "/", port: 80 }, periodSeconds: 1, failureThreshold: 3 },
    });
    world.set.follow(world.pod, world.actual, world.runtime);
    await world.clock.advance(0);
    world.answers.http = false;
    await world.clock.advance(2_000);
    expect(world.set.liveness("c1")).toBe(true);
    await world.clock.advance(1_000);
    expect(world.set.liveness("c1")).toBe(false);
    expect(world.events).toHaveLength(3);
    expect(world.events[0]?.message).toBe("Liveness probe failed: HTTP probe failed with statuscode: 500");
    world.set.dispose();
  });

  it("wait with liveness and readiness until the container has started", async () => {
    const world = setUp({
      startupProbe: { tcpSocket: { port: 80 }, periodSeconds: 1, failureThreshold: 30 },
      livenessProbe: { httpGet: { path: "/", port: 80 } },
    });
    world.answers.tcp = false;
    world.set.follow(world.pod, world.actual, world.runtime);
    await world.clock.advance(3_000);
    expect(world.asked).toEqual([]);
    world.answers.tcp = true;
    await world.clock.advance(1_000);
    expect(world.set.startup("c1")).toBe(true);
    world.set.follow(world.pod, world.actual, world.runtime);
    await world.clock.advance(0);
    expect(world.asked).toHaveLength(1);
    world.set.dispose();
  });

  it("count a late answer as a failure", async () => {
    const world = setUp({
      readinessProbe: { exec: { command: ["slow"] }, timeoutSeconds: 2, failureThreshold: 1 },
    });
    const runner = new ProbeRunner({
      clock: world.clock,
      http: {
        get: (_action, { signal }) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason as Error)),
          ),
      },
      tcp: { connect: async () => ({ success: true, message: "" }) },
      grpc: { check: async () => ({ success: true, message: "" }) },
    });
    const answer = runner.run(
      { httpGet: { port: 1 }, timeoutSeconds: 2 },
      { cri: world.runtime.cri, containerId: "c1", container: { name: "app" }, podIp: "" },
      new AbortController().signal,
    );
    await world.clock.advance(2_000);
    expect(await answer).toEqual({ success: false, message: "no answer within 2 s" });
  });
});
