import { describe, expect, it } from "vitest";
import type { Pod, PodDisruptionBudget } from "../../api/index.ts";
import { budgetStatus } from "./budget-status.ts";

const now = Date.parse("2030-01-01T00:00:00Z");

function pod(name: string, ready = true, more: object = {}): Pod {
  return {
    metadata: { name, namespace: "default", ...more },
    spec: { containers: [] },
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready ? "True" : "False" }] },
  } as unknown as Pod;
}

function status(spec: object, pods: Pod[], wanted: number | string, before?: object) {
  const budget = { metadata: { name: "b", generation: 3 }, spec, status: before } as PodDisruptionBudget;
  return budgetStatus({ budget, pods, wanted, now });
}

const three = [pod("a"), pod("b"), pod("c", false)];

describe("a disruption budget", () => {
  it.each([
    [{ minAvailable: 1 }, 1, 1, 3],
    [{ minAvailable: 2 }, 0, 2, 3],
    [{ minAvailable: "50%" }, 0, 3, 5],
    [{ maxUnavailable: 1 }, 0, 4, 5],
    [{ maxUnavailable: "70%" }, 1, 1, 5],
    [{ maxUnavailable: 9 }, 2, 0, 5],
  ])(
    "%j allows %i with 2 of 3 pods healthy and 5 wanted",
    (spec, disruptionsAllowed, desiredHealthy, expectedPods) => {
      expect(status(spec, three, 5)).toMatchObject({
        disruptionsAllowed,
        desiredHealthy,
        expectedPods,
        currentHealthy: 2,
        observedGeneration: 3,
      });
    },
  );

  it("allows none where there are no pods, and where nobody says how many there should be", () => {
    expect(status({ minAvailable: 0 }, [], 0).disruptionsAllowed).toBe(0);
    const unknown = status({ maxUnavailable: 1 }, three, "pod a has no controller with a number of pods");
    expect(unknown).toMatchObject({
      disruptionsAllowed: 0,
      conditions: [{ reason: "SyncFailed", message: "pod a has no controller with a number of pods" }],
    });
    expect(status({ minAvailable: 1 }, three, "no matter").disruptionsAllowed).toBe(1);
  });

  it("counts who was evicted as gone, until it is, or evidently stays", () => {
    const evicted = { disruptedPods: { a: "2029-12-31T23:59:00Z" } };
    expect(status({ minAvailable: 1 }, three, 3, evicted)).toMatchObject({
      currentHealthy: 1,
      disruptionsAllowed: 0,
      ...evicted,
    });
    const late = { disruptedPods: { a: "2029-12-31T23:57:00Z" } };
    expect(status({ minAvailable: 1 }, three, 3, late)).toMatchObject({
      currentHealthy: 2,
      disruptedPods: {},
    });
    const ending = [pod("a", true, { deletionTimestamp: "2030-01-01T00:00:00Z" }), pod("b")];
    expect(status({ minAvailable: 1 }, ending, 2, evicted)).toMatchObject({
      currentHealthy: 1,
      disruptedPods: {},
    });
  });
});
