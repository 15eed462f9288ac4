import { describe, expect, it } from "vitest";

import type { Node, Pod, Toleration } from "../../api/index.ts";
import { evictionTime, wantedTaints } from "./node-taints.ts";

const time = "2026-01-01T00:00:00Z";

function node(conditions: Record<string, string>, spec: Node["spec"] = {}): Node {
  const list = Object.entries(conditions).map(([type, status]) => ({ type, status }));
  return { metadata: { name: "a" }, spec, status: { conditions: list } };
}

function pod(tolerations?: Toleration[]): Pod {
  return { metadata: { name: "p" }, spec: { containers: [], ...(tolerations && { tolerations }) } };
}

describe("a node's taints", () => {
  it("are none while it is ready, but for those that others put there", () => {
    const own = [{ key: "gpu", effect: "NoSchedule" as const }];
    expect(wantedTaints(node({ Ready: "True" }, { taints: own }), time)).toEqual(own);
  });

  it("say not-ready or unreachable, and since when", () => {
    expect(wantedTaints(node({ Ready: "False" }), time)).toEqual([
      { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" },
      { key: "node.kubernetes.io/not-ready", effect: "NoExecute", timeAdded: time },
    ]);
    const before = {
      key: "node.kubernetes.io/unreachable",
      effect: "NoExecute" as const,
      timeAdded: "2025-01-01T00:00:00Z",
    };
    expect(wantedTaints(node({ Ready: "Unknown" }, { taints: [before] }), time)).toContainEqual(before);
  });

  it("say pressure and cordon, and go when these do", () => {
    const tainted = wantedTaints(
      node({ Ready: "True", DiskPressure: "True" }, { unschedulable: true }),
      time,
    );
    expect(tainted.map(({ key }) => key)).toEqual([
      "node.kubernetes.io/disk-pressure",
      "node.kubernetes.io/unschedulable",
    ]);
    expect(wantedTaints(node({ Ready: "True" }, { taints: tainted }), time)).toEqual([]);
  });
});

describe("a pod on a tainted node", () => {
  const since = (): number => 1000;
  const unreachable = [
    { key: "node.kubernetes.io/unreachable", effect: "NoExecute" as const, timeAdded: time },
  ];
  const custom = [{ key: "leave", effect: "NoExecute" as const, timeAdded: time }];

  it("leaves at once, after the time it tolerates, or never", () => {
    expect(evictionTime(pod(), custom, since)).toBe(1000);
    expect(evictionTime(pod([{ operator: "Exists", tolerationSeconds: 30 }]), custom, since)).toBe(31_000);
    expect(evictionTime(pod([{ operator: "Exists" }]), custom, since)).toBeUndefined();
    const both = [{ key: "leave", operator: "Exists" as const, tolerationSeconds: 9 }];
    expect(evictionTime(pod(both), [...custom, ...unreachable], since), "the first of two").toBe(10_000);
    expect(evictionTime(pod(), [{ key: "x", effect: "NoSchedule" }], since)).toBeUndefined();
  });

  it("leaves an unreachable node after five minutes when it says nothing of it", () => {
    expect(evictionTime(pod(), unreachable, since)).toBe(301_000);
  });
});
