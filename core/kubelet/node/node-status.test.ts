import { describe, expect, it } from "vitest";
import type { MachineUsage } from "./machine.ts";
import { defaultThresholds, nodeConditions } from "./node-conditions.ts";
import { amounts } from "./node-status.ts";

const gibibyte = 1024 ** 3;
const usage: MachineUsage = {
  memoryAvailableBytes: 4 * gibibyte,
  diskCapacityBytes: 100 * gibibyte,
  diskAvailableBytes: 50 * gibibyte,
  inodes: 1000,
  inodesFree: 900,
  pids: 100,
  maxPids: 32_768,
};

const of = (
  own: Partial<MachineUsage>,
  missing: Record<string, string> = {},
  previous = nodeConditions({ missing: {}, usage, thresholds: defaultThresholds, previous: [], now: 0 }),
) =>
  nodeConditions({
    missing,
    usage: { ...usage, ...own },
    thresholds: defaultThresholds,
    previous,
    now: 60_000,
  });

const trueOnes = (conditions: ReturnType<typeof of>): string[] =>
  conditions.filter(({ status }) => status === "True").map(({ type }) => type);

describe("conditions of a node", () => {
  it("are ready and without pressure when nothing is missing", () => {
    expect(trueOnes(of({}))).toEqual(["Ready"]);
  });

  it.each<[string, Partial<MachineUsage>]>([
    ["MemoryPressure", { memoryAvailableBytes: 50 * 1024 ** 2 }],
    ["DiskPressure", { diskAvailableBytes: 9 * gibibyte }],
    ["DiskPressure", { inodesFree: 40 }],
    ["PIDPressure", { pids: 32_000 }],
  ])("tell %s from %j", (type, own) => {
    expect(trueOnes(of(own))).toEqual([type, "Ready"]);
  });

  it("do not count inodes on a file system that has none", () => {
    expect(trueOnes(of({ inodes: 0, inodesFree: 0 }))).toEqual(["Ready"]);
  });

  it("name every part that is missing", () => {
    const ready = of({}, { runtime: "no plugin", network: "starting" }).find(({ type }) => type === "Ready");
    expect(ready).toEqual({
      type: "Ready",
      status: "False",
      reason: "RuntimeNotReady",
      message: "runtime: no plugin; network: starting",
      lastHeartbeatTime: "1970-01-01T00:01:00Z",
      lastTransitionTime: "1970-01-01T00:01:00Z",
    });
  });

  it("keep their time while the word stays, and those that others set", () => {
    const previous = [...of({}), { type: "theirs", status: "True" }];
    const found = of({}, {}, previous);
    expect(found.find(({ type }) => type === "Ready")?.lastTransitionTime).toBe("1970-01-01T00:00:00Z");
    expect(found).toContainEqual({ type: "theirs", status: "True" });
  });
});

describe("what a node has", () => {
  it("is the machine and its devices, less what is kept for the node", () => {
    const machine = {
      cpus: 4,
      memoryBytes: 8 * gibibyte,
      machineId: "",
      systemUuid: "",
      bootId: "",
      kernelVersion: "",
      osImage: "",
      architecture: "amd64",
      hugepages: {},
    };
    const gpu = {
      name: "nvidia.com/gpu",
      plugin: "p",
      simulated: true,
      capacity: 4,
      allocatable: 3,
      devices: [],
    };
    const found = amounts({
      machine,
      usage,
      reserved: { cpuMilli: 500, memoryBytes: gibibyte },
      maxPods: 110,
      devices: [gpu],
    });
    expect(found.capacity).toEqual({
      cpu: "4",
      memory: "8388608Ki",
      "ephemeral-storage": "104857600Ki",
      pods: "110",
      "nvidia.com/gpu": "4",
    });
    expect(found.allocatable).toMatchObject({ cpu: "3500m", memory: "7340032Ki", "nvidia.com/gpu": "3" });
  });
});
