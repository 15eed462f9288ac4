import { describe, expect, it } from "vitest";

import type { PersistentVolumeClaim, StorageClass } from "../api/index.ts";
import { type DriverFacts, madeVolume, planVolume, readableBytes } from "./volume-request.ts";

const claim: PersistentVolumeClaim = {
  metadata: { name: "data", namespace: "shop", uid: "u1", annotations: { team: "blue" } },
  spec: {
    storageClassName: "fast",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
  },
};

const fast: StorageClass = {
  metadata: { name: "fast" },
  provisioner: "csi.example",
  reclaimPolicy: "Retain",
  mountOptions: ["noatime"],
  parameters: {
    tier: "gold",
    "csi.storage.k8s.io/fstype": "xfs",
    "csi.storage.k8s.io/provisioner-secret-name": "${pvc.annotations['team']}-key",
    "csi.storage.k8s.io/provisioner-secret-namespace": "${pvc.namespace}",
    "csi.storage.k8s.io/node-publish-secret-name": "${pvc.name}",
    "csi.storage.k8s.io/node-publish-secret-namespace": "vault",
  },
};

const driver: DriverFacts = {
  name: "csi.example",
  pluginCapabilities: new Set(["VOLUME_ACCESSIBILITY_CONSTRAINTS"]),
  controllerCapabilities: new Set(),
  topology: { "csi.example/node": "one" },
};

describe("the plan of a volume", () => {
  it("asks the driver under a name that stays the same for the claim, with the class's own parameters only", () => {
    const { request, secret } = planVolume(claim, fast, driver);
    expect(request).toEqual({
      name: "pvc-u1",
      capacity_range: { required_bytes: "1073741824" },
      volume_capabilities: [
        { mount: { fs_type: "xfs", mount_flags: ["noatime"] }, access_mode: { mode: "SINGLE_NODE_WRITER" } },
      ],
      parameters: { tier: "gold" },
      accessibility_requirements: {
        requisite: [{ segments: { "csi.example/node": "one" } }],
        preferred: [{ segments: { "csi.example/node": "one" } }],
      },
    });
    expect(secret).toEqual({ name: "blue-key", namespace: "shop" });
  });

  it("becomes an object that is reserved for the claim and reachable from where the driver says", () => {
    const plan = planVolume(claim, fast, driver);
    const made = madeVolume(plan, {
      volume_id: "vol-7",
      capacity_bytes: "2147483648",
      volume_context: { path: "/x" },
      content_source: null,
      accessible_topology: [{ segments: { "csi.example/node": "one" } }],
    });
    expect(made.spec).toMatchObject({
      capacity: { storage: "2Gi" },
      claimRef: { namespace: "shop", name: "data", uid: "u1" },
      persistentVolumeReclaimPolicy: "Retain",
      csi: {
        volumeHandle: "vol-7",
        volumeAttributes: { path: "/x" },
        nodePublishSecretRef: { name: "data", namespace: "vault" },
      },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "csi.example/node", operator: "In", values: ["one"] }] },
          ],
        },
      },
    });
  });

  it("is refused with a sentence for what cannot be had", () => {
    const odd = { ...claim, spec: { ...claim.spec, accessModes: ["WriteOnly"] } };
    expect(() => planVolume(odd, fast, driver)).toThrow("WriteOnly");
    const copy = { ...claim, spec: { ...claim.spec, dataSource: { kind: "VolumeSnapshot", name: "s" } } };
    expect(() => planVolume(copy, fast, driver)).toThrow("data source");
    const half = { ...fast, parameters: { "csi.storage.k8s.io/node-stage-secret-name": "x" } };
    expect(() => planVolume(claim, half, driver)).toThrow("node-stage-secret-namespace is missing");
    const strange = {
      ...fast,
      parameters: {
        "csi.storage.k8s.io/provisioner-secret-name": "${pvc.labels}",
        "csi.storage.k8s.io/provisioner-secret-namespace": "a",
      },
    };
    expect(() => planVolume(claim, strange, driver)).toThrow("${pvc.labels}");
  });
});

it("sizes read as people write them", () => {
  expect([1073741824, 1536 * 1024 * 1024, 1000, 0].map(readableBytes)).toEqual(["1Gi", "1536Mi", "1k", "0"]);
});
