import { describe, expect, it } from "vitest";
import type { Pod } from "../../api/index.ts";
import { contractsOf, judgePod } from "./choose-pods.ts";

const strict = { ignoreDaemonsets: false, deleteEmptydirData: false, force: false };

function pod(more: { kind?: string; emptyDir?: boolean; phase?: string; mirror?: boolean } = {}): Pod {
  const { kind, emptyDir, phase = "Running", mirror } = more;
  const owner = { apiVersion: "apps/v1", kind: kind ?? "", name: "web", uid: "1", controller: true };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "p",
      namespace: "n",
      ...(kind && { ownerReferences: [owner] }),
      ...(mirror && { annotations: { "kubernetes.io/config.mirror": "x" } }),
    },
    spec: { containers: [], ...(emptyDir && { volumes: [{ name: "scratch", emptyDir: {} }] }) },
    status: { phase },
  } as Pod;
}

const verdict = (one: Pod, choice = {}) => {
  const { verdict: what, reason } = judgePod(one, { ...strict, ...choice });
  return `${what}: ${reason}`;
};

describe("what a drain does with a pod", () => {
  it("evicts one that its controller starts elsewhere", () => {
    expect(verdict(pod({ kind: "ReplicaSet" }))).toBe("evict: ");
  });

  it("asks before what nobody starts again is deleted", () => {
    expect(verdict(pod())).toContain("refuse: no controller would start it elsewhere; --force");
    expect(verdict(pod(), { force: true })).toBe("evict: no controller starts it elsewhere");
  });

  it("asks before the data of an emptyDir is lost", () => {
    const one = pod({ kind: "ReplicaSet", emptyDir: true });
    expect(verdict(one)).toContain(
      "refuse: the data of its emptyDir scratch would be lost; --delete-emptydir-data",
    );
    expect(verdict(one, { deleteEmptydirData: true })).toBe(
      "evict: the data of its emptyDir scratch is lost",
    );
  });

  it("leaves the pods of daemons and those of files, and asks about the former", () => {
    expect(verdict(pod({ kind: "DaemonSet" }))).toMatch(/^refuse: .*--ignore-daemonsets/);
    expect(verdict(pod({ kind: "DaemonSet", emptyDir: true }), { ignoreDaemonsets: true })).toMatch(
      /^keep: /,
    );
    expect(verdict(pod({ mirror: true }))).toMatch(/^keep: it is a static pod/);
  });

  it("takes away what has ended without asking", () => {
    expect(verdict(pod({ phase: "Succeeded", emptyDir: true }))).toBe("evict: ");
  });
});

describe("what a pod that stays needs", () => {
  it("is a runtime and the network, and drivers only for volumes and devices of their kind", () => {
    expect(contractsOf(pod({ emptyDir: true }))).toEqual(["cri", "cni"]);
    const one = pod();
    one.spec.volumes = [{ name: "d", persistentVolumeClaim: { claimName: "c" } }];
    one.spec.containers = [{ name: "c", resources: { limits: { cpu: "1", "berth.dev/gpu": "1" } } }];
    expect(contractsOf(one)).toEqual(["cri", "cni", "csi", "device"]);
  });
});
