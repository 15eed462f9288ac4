import { expect, it } from "vitest";
import { FakeClock, silentLogger } from "@berth/base";
import type { GpuBackend } from "../backend/gpu-backend.ts";
import type { Look } from "./device-health.ts";
import { DeviceInventory } from "./inventory.ts";

const gpu = { id: "g0", name: "GPU", index: 0, minor: 0, numaNode: undefined };

function setUp() {
  const state: { look: Look; broken: Error | undefined } = { look: { good: true }, broken: undefined };
  const backend: GpuBackend = {
    simulated: true,
    environment: {},
    list: () => (state.broken ? Promise.reject(state.broken) : Promise.resolve([gpu])),
    look: () => Promise.resolve(new Map([[gpu.id, state.look]])),
    prepare: () => Promise.resolve(),
    nodes: () => Promise.resolve([]),
    facts: () => ({}),
    dispose() {},
  };
  const clock = new FakeClock();
  const inventory = new DeviceInventory({
    backend,
    clock,
    log: silentLogger,
    intervalMs: 1000,
    recoverAfter: 2,
  });
  const changes: string[] = [];
  inventory.onDidChange(() => changes.push(inventory.gpus.map(({ health }) => health.state).join(",")));
  return { state, clock, inventory, changes };
}

it("tells of each change of health, both ways, and of nothing else", async () => {
  const { state, clock, inventory, changes } = setUp();
  await inventory.start();
  state.look = { good: false, evidence: "XID 79", certain: true };
  await clock.advance(3000);
  state.look = { good: true };
  await clock.advance(5000);
  expect(changes).toEqual(["healthy", "unhealthy", "recovering", "healthy"]);
});

it("keeps the devices of a backend that fails, unhealthy with its reason, until it works again", async () => {
  const { state, clock, inventory, changes } = setUp();
  await inventory.start();
  state.broken = new Error("driver unloaded");
  await clock.advance(1000);
  expect(inventory.problem).toBe("driver unloaded");
  expect(inventory.gpus).toMatchObject([{ health: { state: "unhealthy", evidence: "driver unloaded" } }]);
  state.broken = undefined;
  await clock.advance(2000);
  expect(inventory.problem).toBeUndefined();
  expect(changes.at(-1)).toBe("healthy");
});

it("looks no more when it is disposed", async () => {
  const { clock, inventory } = setUp();
  await inventory.start();
  inventory.dispose();
  expect(clock.pendingCount).toBe(0);
});
