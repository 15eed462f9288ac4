import { describe, expect, it } from "vitest";
import { CallMetrics } from "./call-metrics.ts";
import { PluginGate, type Serving } from "./plugin-gate.ts";

const first = { incarnation: 1 } as Serving;
const second = { incarnation: 2 } as Serving;

describe("gate", () => {
  it("lets nobody in before it opens, and says why", () => {
    const gate = new PluginGate();
    gate.close("waiting for network");
    expect(() => gate.enter()).toThrow("waiting for network");
  });

  it("passes at once while it is open", () => {
    const gate = new PluginGate();
    gate.open(first);
    expect(gate.enter()).toBe(first);
    expect(gate.underWay).toBe(1);
  });

  it("makes calls wait for the next incarnation while it is held", async () => {
    const gate = new PluginGate();
    gate.open(first);
    gate.hold();
    const waiting = gate.enter();
    gate.open(second);
    expect(await waiting).toBe(second);
  });

  it("fails those who wait when it closes instead", async () => {
    const gate = new PluginGate();
    gate.open(first);
    gate.hold();
    const waiting = gate.enter();
    gate.close("both incarnations are gone");
    await expect(waiting).rejects.toThrow("both incarnations are gone");
  });

  it("is idle when the last call has come back", async () => {
    const gate = new PluginGate();
    gate.open(first);
    await gate.enter();
    await gate.enter();
    let idle = false;
    const done = gate.idle().then(() => (idle = true));
    gate.leave();
    const late = gate.idle().then(() => (idle = true));
    await Promise.resolve();
    await Promise.resolve();
    expect(idle).toBe(false);
    gate.leave();
    await Promise.all([done, late]);
  });
});

describe("metrics", () => {
  it("count and take the median of the last calls only", () => {
    const metrics = new CallMetrics(3);
    expect(metrics.p50Ms).toBeUndefined();
    for (const ms of [1000, 1, 2, 3]) metrics.record(ms, ms !== 1000);
    expect([metrics.calls, metrics.failedCalls, metrics.p50Ms]).toEqual([4, 1, 2]);
  });
});
