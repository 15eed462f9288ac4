import { describe, expect, it } from "vitest";

import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../api/index.ts";
import { type ClaimSituation, defaultClass, nextClaimStep } from "./claim-binding.ts";

function claim(spec: Partial<PersistentVolumeClaim["spec"]> = {}, phase?: "Bound"): PersistentVolumeClaim {
  return {
    metadata: { name: "data", namespace: "default", uid: "u1" },
    spec: { storageClassName: "fast", ...spec },
    ...(phase && { status: { phase } }),
  };
}

function volume(claimRef?: { name: string; uid?: string }): PersistentVolume {
  return {
    metadata: { name: "pv" },
    spec: { storageClassName: "fast", ...(claimRef && { claimRef: { namespace: "default", ...claimRef } }) },
  };
}

const fast: StorageClass = { metadata: { name: "fast" }, provisioner: "csi.example" };
const late: StorageClass = { ...fast, volumeBindingMode: "WaitForFirstConsumer" };

function step(situation: Partial<ClaimSituation>) {
  return nextClaimStep({
    claim: claim(),
    named: undefined,
    match: undefined,
    storageClass: fast,
    defaultClass: undefined,
    hasSelectedNode: false,
    ...situation,
  });
}

describe("a claim", () => {
  it("is bound to the volume that fits, or that is reserved for it", () => {
    const free = volume();
    expect(step({ match: free })).toEqual({ kind: "bind", volume: free });
    const made = volume({ name: "data", uid: "u1" });
    expect(step({ match: made, storageClass: late })).toEqual({ kind: "bind", volume: made });
  });

  it("waits for its first consumer where its class says so, then for a volume made there", () => {
    expect(step({ storageClass: late, match: volume() })).toEqual({
      kind: "wait",
      wait: { for: "consumer" },
    });
    expect(step({ storageClass: late, hasSelectedNode: true })).toEqual({
      kind: "wait",
      wait: { for: "provisioner", driver: "csi.example" },
    });
    expect(step({ storageClass: late, hasSelectedNode: true, match: volume() })).toMatchObject({
      kind: "bind",
    });
  });

  it("says what is missing: the class, a volume, or any class at all", () => {
    const message = (situation: Partial<ClaimSituation>): unknown => step(situation);
    expect(message({ storageClass: undefined })).toMatchObject({
      wait: { message: 'storageclass.storage.k8s.io "fast" not found' },
    });
    expect(message({ storageClass: { ...fast, provisioner: "kubernetes.io/no-provisioner" } })).toMatchObject(
      {
        wait: { message: 'no persistent volume of class "fast" fits this claim' },
      },
    );
    expect(message({ claim: claim({ storageClassName: "" }) })).toMatchObject({
      wait: { message: "no persistent volumes available for this claim and no storage class is set" },
    });
  });

  it("takes the default class when it names none, and none when it names the empty one", () => {
    const { storageClassName: _, ...none } = claim().spec;
    const nameless = { ...claim(), spec: none };
    expect(step({ claim: nameless, defaultClass: fast })).toEqual({ kind: "useClass", name: "fast" });
    expect(step({ claim: claim({ storageClassName: "" }), defaultClass: fast })).toMatchObject({
      kind: "wait",
    });
  });

  it("goes to the volume it names unless that is another's", () => {
    const named = claim({ volumeName: "pv" });
    expect(step({ claim: named, named: volume() })).toMatchObject({ kind: "bind" });
    expect(step({ claim: named, named: volume({ name: "other" }) })).toMatchObject({
      wait: { message: 'volume "pv" is already bound to claim default/other' },
    });
    expect(step({ claim: named })).toMatchObject({ wait: { message: 'volume "pv" does not exist' } });
  });

  it("is lost when its volume is gone or was given away", () => {
    const bound = claim({ volumeName: "pv" }, "Bound");
    expect(step({ claim: bound, named: volume({ name: "data", uid: "u1" }) })).toEqual({ kind: "none" });
    expect(step({ claim: bound })).toMatchObject({ kind: "lost" });
    expect(step({ claim: bound, named: volume({ name: "data", uid: "u2" }) })).toMatchObject({
      kind: "lost",
    });
  });
});

it("the newest of several default classes is the one", () => {
  const marked = (name: string, creationTimestamp: string): StorageClass => ({
    ...fast,
    metadata: {
      name,
      creationTimestamp,
      annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
    },
  });
  const classes = [marked("old", "2025-01-01T00:00:00Z"), marked("new", "2026-01-01T00:00:00Z"), fast];
  expect(defaultClass(classes)?.metadata.name).toBe("new");
});
