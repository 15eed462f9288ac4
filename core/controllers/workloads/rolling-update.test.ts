import { describe, expect, it } from "vitest";

import type { Deployment, ReplicaSet } from "../../api/index.ts";
import { newSetReplicas, oldSetScales, proportionalScales, replicasOf, slackOf } from "./rolling-update.ts";

function deployment(
  replicas: number,
  maxSurge: number | string,
  maxUnavailable: number | string,
): Deployment {
  return {
    metadata: { name: "web" },
    spec: {
      replicas,
      selector: {},
      template: {},
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge, maxUnavailable } },
    },
  };
}

function set(name: string, replicas: number, availableReplicas: number): ReplicaSet {
  return {
    metadata: { name, creationTimestamp: `2026-01-01T00:00:0${name.length}Z` },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas },
  };
}

const sizes = (scales: readonly { set: ReplicaSet; replicas: number }[]) =>
  Object.fromEntries(scales.map(({ set: { metadata }, replicas }) => [metadata.name, replicas]));

describe("slack", () => {
  it("rounds surge up and unavailability down, and is never both zero", () => {
    expect(slackOf(deployment(10, "25%", "25%"))).toEqual({ surge: 3, unavailable: 2 });
    expect(slackOf(deployment(1, 0, "25%"))).toEqual({ surge: 0, unavailable: 1 });
    expect(slackOf(deployment(2, 0, 5))).toEqual({ surge: 0, unavailable: 2 });
  });
});

describe("a rolling update", () => {
  it("grows the new set only as far as the surge allows", () => {
    const old = set("old", 10, 10);
    expect(newSetReplicas(deployment(10, 3, 0), [old, set("newer", 0, 0)], 0)).toBe(3);
    expect(newSetReplicas(deployment(10, 3, 0), [set("old", 2, 2), set("newer", 9, 9)], 9)).toBe(10);
    expect(newSetReplicas(deployment(4, 1, 0), [set("newer", 6, 6)], 6)).toBe(4);
  });

  it("shrinks old sets only as far as enough others are available", () => {
    const rolling = deployment(10, 3, 2);
    expect(sizes(oldSetScales(rolling, set("newer", 3, 0), [set("old", 10, 10)]))).toEqual({ old: 8 });
    expect(sizes(oldSetScales(rolling, set("newer", 5, 5), [set("old", 8, 8)]))).toEqual({ old: 3 });
    expect(sizes(oldSetScales(deployment(10, 3, 0), set("newer", 3, 0), [set("old", 10, 10)]))).toEqual({});
  });

  it("takes pods that do not serve first, from the oldest set", () => {
    const scales = oldSetScales(deployment(4, 2, 0), set("newer", 2, 2), [set("a", 2, 2), set("ab", 2, 0)]);
    expect(sizes(scales)).toEqual({ ab: 0 });
  });

  it("takes from the old nothing, not even what is broken, while the new lacks as much as may be lacking", () => {
    const rolling = deployment(10, 3, 2);
    expect(oldSetScales(rolling, set("newer", 5, 0), [set("old", 8, 5)])).toEqual([]);
    expect(sizes(oldSetScales(rolling, set("newer", 5, 3), [set("old", 8, 5)]))).toEqual({ old: 5 });
  });

  it("ends with the new set alone", () => {
    const rolling = deployment(3, 1, 1);
    let [old, fresh] = [set("old", 3, 3), set("newer", 0, 0)];
    for (let round = 0; round < 10; round++) {
      const grown = newSetReplicas(rolling, [old, fresh], replicasOf(fresh));
      fresh = set("newer", grown, grown);
      const left = oldSetScales(rolling, fresh, [old])[0]?.replicas ?? replicasOf(old);
      old = set("old", left, left);
      expect(grown + left).toBeLessThanOrEqual(4);
      expect(grown + left).toBeGreaterThanOrEqual(2);
    }
    expect([fresh.spec?.replicas, old.spec?.replicas]).toEqual([3, 0]);
  });
});

describe("a new number in the middle of a roll-over", () => {
  it("is shared out by size", () => {
    const scales = proportionalScales(deployment(20, 0, 1), [set("old", 8, 8), set("newer", 2, 2)]);
    expect(sizes(scales)).toEqual({ old: 16, newer: 4 });
    expect(sizes(proportionalScales(deployment(5, 0, 1), [set("old", 8, 8), set("newer", 2, 2)]))).toEqual({
      old: 4,
      newer: 1,
    });
  });
});
