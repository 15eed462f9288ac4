import { expect, it } from "vitest";
import { preferredAllocation } from "./preferred-allocation.ts";

const gpus = [0, 0, 0, 1, 1].map((numaNode, index) => ({
  id: `g${index}`,
  name: "GPU",
  index,
  minor: index,
  numaNode,
}));
const available = ["g4", "g3", "g2", "g1", "g0"];

it("keeps devices on one NUMA node, on the one that leaves the larger whole", () => {
  expect(preferredAllocation(gpus, { available, mustInclude: [], size: 2 })).toEqual(["g3", "g4"]);
  expect(preferredAllocation(gpus, { available, mustInclude: [], size: 3 })).toEqual(["g0", "g1", "g2"]);
});

it("stays beside a device that must be among them", () => {
  expect(preferredAllocation(gpus, { available, mustInclude: ["g2"], size: 2 })).toEqual(["g2", "g0"]);
});

it("refuses more than is available", () => {
  expect(() => preferredAllocation(gpus, { available: ["g0"], mustInclude: [], size: 2 })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
