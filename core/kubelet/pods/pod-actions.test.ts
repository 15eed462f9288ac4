import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../../api/index.ts";
import type { ActualContainer, ActualSandbox } from "../actual/pod-actual.ts";
import type { DecisionInput, PodActions } from "./decisions.ts";
import { computePodActions } from "./pod-actions.ts";

const now = 1_000_000;

function pod(spec: Partial<NonNullable<Pod["spec"]>>): Pod {
  return { metadata: { name: "web", namespace: "default", uid: "u" }, spec: { containers: [], ...spec } };
}

const sandbox = (attempt = 0, ready = true): ActualSandbox => ({
  id: `s${attempt}`,
  attempt,
  ready,
  createdAt: 0,
  ips: ["10.0.0.1"],
});

function actual(name: string, own: Partial<ActualContainer> = {}): ActualContainer {
  return {
    id: `${name}-${own.attempt ?? 0}`,
    name,
    sandboxId: "s0",
    attempt: 0,
    phase: "running",
    createdAt: 0,
    startedAt: 0,
    finishedAt: now - 1,
    exitCode: 0,
    reason: "",
    message: "",
    image: "",
    imageRef: "",
    logPath: "",
    hash: "same",
    ...own,
  };
}

const none = (): undefined => undefined;

function decide(own: Partial<DecisionInput> & Pick<DecisionInput, "pod">): PodActions {
  return computePodActions({
    actual: { sandboxes: [sandbox()], containers: [] },
    busy: new Set(),
    probes: { startup: none, liveness: none, readiness: none },
    backoff: { delay: () => 0 },
    restarts: {},
    hash: () => "same",
    now,
    ...own,
  });
}

const starts = (actions: PodActions): string[] =>
  actions.start.map(({ attempt, container }) => `${container.spec.name}#${attempt}`);
const kills = (actions: PodActions): string[] => actions.kill.map(({ id, reason }) => `${id} ${reason}`);
const exited = (name: string, exitCode: number, own: Partial<ActualContainer> = {}): ActualContainer =>
  actual(name, { phase: "exited", exitCode, ...own });
const app: Container = { name: "app" };
const one = { sandboxes: [sandbox()] };

describe("a sandbox", () => {
  it("is made first, and nothing else with it", () => {
    const actions = decide({ pod: pod({ containers: [app] }), actual: { sandboxes: [], containers: [] } });
    expect(actions).toMatchObject({ createSandbox: 0, finished: false });
    expect(starts(actions)).toEqual([]);
  });

  it("that died is replaced under the next number", () => {
    const containers = [exited("app", 137)];
    expect(
      decide({ pod: pod({ containers: [app] }), actual: { sandboxes: [sandbox(2, false)], containers } })
        .createSandbox,
    ).toBe(3);
  });

  it.each([
    ["Never", 1, undefined],
    ["Never", 0, undefined],
    ["OnFailure", 0, undefined],
    ["OnFailure", 1, 1],
    ["Always", 0, 1],
  ] as const)(
    "that died under restartPolicy %s after exit %d is made again: %s",
    (restartPolicy, exitCode, attempt) => {
      const actions = decide({
        pod: pod({ restartPolicy, containers: [app] }),
        actual: { sandboxes: [sandbox(0, false)], containers: [exited("app", exitCode)] },
      });
      expect(actions.createSandbox).toBe(attempt);
      expect(actions.finished).toBe(attempt === undefined);
    },
  );

  it("that died before any container began is made again whatever the restart policy says", () => {
    const actions = decide({
      pod: pod({ restartPolicy: "Never", containers: [app] }),
      actual: { sandboxes: [sandbox(0, false)], containers: [] },
    });
    expect(actions.createSandbox).toBe(1);
  });
});

describe("a regular container", () => {
  it("that never was is started as number 0", () => {
    expect(starts(decide({ pod: pod({ containers: [app, { name: "other" }] }) }))).toEqual([
      "app#0",
      "other#0",
    ]);
  });

  it("that runs is left alone", () => {
    const actions = decide({
      pod: pod({ containers: [app] }),
      actual: { ...one, containers: [actual("app")] },
    });
    expect([starts(actions), kills(actions), actions.finished]).toEqual([[], [], false]);
  });

  it.each([
    ["Always", 0, ["app#1"]],
    ["Always", 1, ["app#1"]],
    ["OnFailure", 0, []],
    ["OnFailure", 1, ["app#1"]],
    ["Never", 0, []],
    ["Never", 1, []],
  ] as const)("under %s that exited with %d is started: %j", (restartPolicy, exitCode, expected) => {
    const containers = [exited("app", exitCode)];
    const actions = decide({
      pod: pod({ restartPolicy, containers: [app] }),
      actual: { ...one, containers },
    });
    expect(starts(actions)).toEqual(expected);
    expect(actions.finished).toBe(expected.length === 0);
  });

  it("follows its own rules before the pod's policy", () => {
    const rule = { action: "Restart", exitCodes: { operator: "In", values: [42] } };
    const containers = [{ ...app, restartPolicy: "Never", restartPolicyRules: [rule] }];
    const of = (code: number): string[] =>
      starts(
        decide({
          pod: pod({ restartPolicy: "Never", containers }),
          actual: { ...one, containers: [exited("app", code)] },
        }),
      );
    expect([of(42), of(1)]).toEqual([["app#1"], []]);
  });

  it("is held down while it backs off, and looked at again when that is over", () => {
    const actions = decide({
      pod: pod({ containers: [app] }),
      actual: { ...one, containers: [exited("app", 1, { finishedAt: now - 4_000 })] },
      backoff: { delay: () => 10_000 },
    });
    expect(starts(actions)).toEqual([]);
    expect(actions.waiting["app"]).toEqual({
      reason: "CrashLoopBackOff",
      message: "back-off 10s restarting failed container=app pod=web_default(u)",
    });
    expect(actions.wakeAt).toBe(now + 6_000);
  });

  it("that was created but not started is made anew under the same number", () => {
    const containers = [actual("app", { phase: "created", attempt: 2 })];
    const actions = decide({ pod: pod({ containers: [app] }), actual: { ...one, containers } });
    expect(actions.start[0]).toMatchObject({ attempt: 2, replaces: "app-2", restart: false });
  });

  it("on which something is under way is not decided about", () => {
    const actions = decide({ pod: pod({ containers: [app] }), busy: new Set(["app"]) });
    expect([starts(actions), actions.finished]).toEqual([[], false]);
  });

  it("that the runtime has forgotten goes on counting its restarts", () => {
    expect(starts(decide({ pod: pod({ containers: [app] }), restarts: { app: 4 } }))).toEqual(["app#5"]);
  });

  it.each([
    ["liveness", { liveness: () => false }, "same"],
    ["startup", { startup: () => false }, "same"],
    ["changed", {}, "other"],
  ] as const)("is killed when %s says so", (reason, probes, hash) => {
    const actions = decide({
      pod: pod({ containers: [app] }),
      actual: { ...one, containers: [actual("app")] },
      probes: { startup: none, liveness: none, readiness: none, ...probes },
      hash: () => hash,
    });
    expect(kills(actions)).toEqual([`app-0 ${reason}`]);
  });

  it("whose specification nobody recorded is not killed for it", () => {
    const containers = [actual("app", { hash: "" })];
    expect(
      kills(decide({ pod: pod({ containers: [app] }), actual: { ...one, containers }, hash: () => "x" })),
    ).toEqual([]);
  });
});

describe("init containers", () => {
  const initContainers: Container[] = [{ name: "i1" }, { name: "i2" }];
  const of = (containers: ActualContainer[], restartPolicy: "Always" | "Never" = "Always"): PodActions =>
    decide({
      pod: pod({ restartPolicy, initContainers, containers: [app] }),
      actual: { ...one, containers },
    });

  it("run one after the other and before the rest", () => {
    expect(starts(of([]))).toEqual(["i1#0"]);
    expect(starts(of([actual("i1")]))).toEqual([]);
    expect(starts(of([exited("i1", 0)]))).toEqual(["i2#0"]);
    expect(starts(of([exited("i1", 0), exited("i2", 0)]))).toEqual(["app#0"]);
  });

  it("that fail are repeated, or end the pod under restartPolicy Never", () => {
    expect(starts(of([exited("i1", 1)]))).toEqual(["i1#1"]);
    expect(of([exited("i1", 1)], "Never")).toMatchObject({ finished: true, start: [] });
  });

  it("run again in a new sandbox", () => {
    const actions = decide({
      pod: pod({ initContainers, containers: [app] }),
      actual: {
        sandboxes: [sandbox(1), sandbox(0, false)],
        containers: [exited("i1", 0), exited("app", 137)],
      },
    });
    expect(starts(actions)).toEqual(["i1#1"]);
  });

  it("that were removed since are not run again beside a container that has begun", () => {
    expect(starts(of([exited("app", 1)]))).toEqual(["app#1"]);
  });
});

describe("a sidecar", () => {
  const initContainers: Container[] = [
    { name: "proxy", restartPolicy: "Always", startupProbe: {} },
    { name: "init" },
  ];
  const of = (containers: ActualContainer[], own: Partial<DecisionInput> = {}): PodActions =>
    decide({
      pod: pod({ restartPolicy: "Never", initContainers, containers: [app] }),
      actual: { ...one, containers },
      ...own,
    });
  const started = { probes: { startup: () => true, liveness: none, readiness: none } };

  it("lets the next one begin once it has started, and goes on running", () => {
    expect(starts(of([actual("proxy")]))).toEqual([]);
    expect(starts(of([actual("proxy")], started))).toEqual(["init#0"]);
    expect(starts(of([actual("proxy"), exited("init", 0)], started))).toEqual(["app#0"]);
  });

  it("is restarted whatever the pod's policy says", () => {
    expect(starts(of([exited("proxy", 0), exited("init", 0), actual("app")]))).toEqual(["proxy#1"]);
  });

  it("ends when all containers it serves have ended, and only then is the pod finished", () => {
    const ending = of([actual("proxy"), exited("init", 0), exited("app", 0)], started);
    expect([kills(ending), ending.finished]).toEqual([["proxy-0 finished"], false]);
    const ended = of([exited("proxy", 143), exited("init", 0), exited("app", 0)], started);
    expect([starts(ended), ended.finished]).toEqual([[], true]);
  });
});

describe("an ephemeral container", () => {
  it("is started once and never again", () => {
    const debug = { name: "debug" };
    const of = (containers: ActualContainer[]): string[] =>
      starts(
        decide({
          pod: pod({ containers: [app], ephemeralContainers: [debug] }),
          actual: { ...one, containers },
        }),
      );
    expect(of([actual("app")])).toEqual(["debug#0"]);
    expect(of([actual("app"), exited("debug", 1)])).toEqual([]);
  });
});
