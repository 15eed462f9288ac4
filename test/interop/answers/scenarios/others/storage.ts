import type { Scenario } from "../../exchange.ts";
import { Resource } from "./requests.ts";

const storage = "storage.k8s.io/v1";
const volumes = new Resource("v1", "PersistentVolume", "persistentvolumes", false);
const claims = new Resource("v1", "PersistentVolumeClaim", "persistentvolumeclaims");
const classes = new Resource(storage, "StorageClass", "storageclasses", false);
const drivers = new Resource(storage, "CSIDriver", "csidrivers", false);
const csiNodes = new Resource(storage, "CSINode", "csinodes", false);
const attachments = new Resource(storage, "VolumeAttachment", "volumeattachments", false);
const capacities = new Resource(storage, "CSIStorageCapacity", "csistoragecapacities");
const attributes = new Resource(storage, "VolumeAttributesClass", "volumeattributesclasses", false);

const good = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/tmp/a" } };
const wish = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const csi = { driver: "a.example", volumeHandle: "h" };
const specs = (...all: object[]): { spec: object }[] => all.map((spec) => ({ spec }));
const volumeSpecs = (...all: object[]): { spec: object }[] =>
  specs(...all.map((one) => ({ ...good, ...one })));
const claimSpecs = (...all: object[]): { spec: object }[] =>
  specs(...all.map((one) => ({ ...wish, ...one })));
const attach = { attacher: "a.example", nodeName: "n", source: { persistentVolumeName: "v" } };

export const storageScenarios: readonly Scenario[] = [
  {
    name: "persistent volumes",
    exchanges: [
      ...volumes.each("volume", [
        ...volumeSpecs(
          {},

          { capacity: { storage: "0" } },
          { capacity: { storage: "1Gi", cpu: "1" } },
          { accessModes: ["Other"] },
          { accessModes: ["ReadWriteOncePod", "ReadWriteOnce"] },
          { accessModes: [] },
          { hostPath: undefined },
          { hostPath: { path: "" } },
          { hostPath: { path: "/a/../b" } },
          { hostPath: { path: "/", type: "Other" } },
          { hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" },
          { persistentVolumeReclaimPolicy: "Other" },
          { volumeMode: "Other" },
          { volumeMode: "Block", storageClassName: "Not Valid" },
          { mountOptions: ["a"], volumeAttributesClassName: "b" },
          { hostPath: undefined, csi },
          { hostPath: undefined, csi: { driver: "", volumeHandle: "" } },
          { hostPath: undefined, csi: { ...csi, nodeStageSecretRef: { name: "a" } } },
          { hostPath: undefined, csi, volumeAttributesClassName: "" },
          { csi },
          { hostPath: undefined, nfs: { server: "", path: "relative" } },
          { hostPath: undefined, local: { path: "/a" } },

          {
            hostPath: undefined,
            local: { path: "/a" },
            nodeAffinity: {
              required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In" }] }] },
            },
          },
          { nodeAffinity: { required: {} } },

          { hostPath: undefined, iscsi: { targetPortal: "1.2.3.4", iqn: "iqn.2026-01.example:a", lun: 0 } },
          { hostPath: undefined, rbd: { monitors: ["m"], image: "i" } },
          { hostPath: undefined, azureDisk: { diskName: "d", diskURI: "https://a" } },
          { hostPath: undefined, fc: {} },
          { claimRef: { name: "a", namespace: "b" } },
          { claimRef: { name: "a" } },
        ),
      ]),

      volumes.merge("volume-0", { spec: { capacity: { storage: "2Gi" } } }),
      volumes.merge("volume-0", { spec: { volumeMode: "Block" } }),
      volumes.merge("volume-0", { spec: { storageClassName: "other", accessModes: ["ReadOnlyMany"] } }),
      volumes.merge("volume-0", { spec: { persistentVolumeReclaimPolicy: "Delete" } }),
      volumes.merge("volume-0", { status: { phase: "Bound" } }),
      volumes.merge("volume-0", { status: { phase: "Bound", message: "m" } }, "status"),
      volumes.merge("volume-0", { status: { phase: "Other" } }, "status"),
      volumes.delete("volume-0"),
    ],
  },
  {
    name: "persistent volume claims",
    exchanges: [
      ...claims.each("claim", [
        {},
        { spec: {} },
        ...claimSpecs(
          {},
          { accessModes: [] },
          { accessModes: ["Other"] },
          { accessModes: ["ReadWriteOncePod", "ReadOnlyMany"] },
          { resources: {} },
          { resources: { requests: { storage: "-1" } } },
          { resources: { requests: { storage: "2Gi" }, limits: { storage: "1Gi" } } },
          { resources: { requests: { storage: "1Gi", cpu: "1" } } },
          { storageClassName: "" },
          { storageClassName: "Not Valid" },
          { storageClassName: "absent" },
          { volumeName: "v" },
          { volumeMode: "Other" },
          { volumeMode: "Block" },
          { selector: { matchLabels: { a: "b" } } },

          { dataSource: { kind: "PersistentVolumeClaim", name: "other" } },
          { dataSource: { kind: "Other", name: "other" } },
          { dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "s" } },
          { dataSourceRef: { apiGroup: "a.example", kind: "Thing", name: "s" } },
          {
            dataSourceRef: { kind: "PersistentVolumeClaim", name: "a" },
            dataSource: { kind: "PersistentVolumeClaim", name: "b" },
          },
          { dataSourceRef: { kind: "PersistentVolumeClaim", name: "a", namespace: "b" } },
          { dataSource: { kind: "", name: "" } },
          { volumeAttributesClassName: "gold" },
          { volumeAttributesClassName: "Not Valid" },
        ),
        { spec: wish, status: { phase: "Bound" } },
      ]),

      claims.merge("claim-2", { spec: { storageClassName: "gold" } }),
      claims.merge("claim-2", { spec: { volumeName: "v" } }),

      claims.merge(
        "claim-2",
        { status: { phase: "Bound", capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] } },
        "status",
      ),
      claims.merge("claim-2", { spec: { resources: { requests: { storage: "512Mi" } } } }),
      claims.merge(
        "claim-2",
        { status: { phase: "Bound", conditions: [{ type: "Resizing", status: "True" }] } },
        "status",
      ),
    ],
  },
  {
    name: "claims that a storage class grows",
    exchanges: [
      classes.create("growing", { provisioner: "a.example/p", allowVolumeExpansion: true }),
      classes.create("growing-default", {
        provisioner: "a.example/p",
        metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
      }),
      claims.create("grows", { spec: { ...wish, storageClassName: "growing" } }),
      claims.create("takes-the-default", { spec: wish }),
      claims.create("takes-none", { spec: { ...wish, storageClassName: "" } }),

      claims.merge("grows", { status: { phase: "Bound", capacity: { storage: "1Gi" } } }, "status"),
      claims.merge("grows", { spec: { resources: { requests: { storage: "2Gi" } } } }),
      claims.merge("grows", { spec: { resources: { requests: { storage: "1Gi" } } } }),
      claims.merge(
        "takes-the-default",
        { status: { phase: "Bound", capacity: { storage: "1Gi" } } },
        "status",
      ),
      claims.merge("takes-the-default", { spec: { resources: { requests: { storage: "2Gi" } } } }),
      classes.delete("growing-default"),
    ],
  },
  {
    name: "storage classes",
    exchanges: [
      ...classes.each("class", [
        {},
        { provisioner: "" },
        { provisioner: "a.example/p" },
        { provisioner: "Not Valid!" },
        { provisioner: "p", reclaimPolicy: "Recycle" },
        { provisioner: "p", reclaimPolicy: "Other" },
        { provisioner: "p", volumeBindingMode: "Other" },
        {
          provisioner: "p",
          volumeBindingMode: "WaitForFirstConsumer",
          mountOptions: ["a"],
          parameters: { a: "b" },
        },
        { provisioner: "p", parameters: { "": "b" } },

        { provisioner: "p", allowedTopologies: [{ matchLabelExpressions: [{ key: "a", values: [] }] }] },
      ]),
      classes.put("class-2", {
        provisioner: "b.example/p",
        parameters: { a: "b" },
        reclaimPolicy: "Retain",
        volumeBindingMode: "WaitForFirstConsumer",
      }),
      classes.put("class-2", { provisioner: "a.example/p", allowVolumeExpansion: true }),
      classes.delete("class-2"),
    ],
  },
  {
    name: "csi drivers and csi nodes",
    exchanges: [
      ...drivers.each("driver", [
        {},
        ...specs(
          {},
          { attachRequired: false, podInfoOnMount: true, storageCapacity: true },
          { fsGroupPolicy: "Other" },
          { volumeLifecycleModes: [] },
          { volumeLifecycleModes: ["Ephemeral", "Other"] },
          { tokenRequests: [{ audience: "a" }, { audience: "a" }, { audience: "b", expirationSeconds: 1 }] },
          { requiresRepublish: true, seLinuxMount: true },
          { nodeAllocatableUpdatePeriodSeconds: 5 },
          { serviceAccountTokenInSecrets: true },
        ),
        { metadata: { name: "Not_Valid" }, spec: {} },
        { metadata: { name: "a".repeat(64) }, spec: {} },
      ]),
      drivers.put("driver-1", {
        spec: {
          attachRequired: false,
          podInfoOnMount: true,
          fsGroupPolicy: "File",
          volumeLifecycleModes: ["Ephemeral"],
        },
      }),
      drivers.delete("driver-1"),
      ...csiNodes.each("csinode", [
        { spec: {} },

        { spec: { drivers: [{}] } },

        {
          spec: {
            drivers: [
              { name: "a.example", nodeID: "n" },
              { name: "a.example", nodeID: "m" },
            ],
          },
        },
        {
          spec: {
            drivers: [{ name: "a.example", nodeID: "n", topologyKeys: null, allocatable: { count: -1 } }],
          },
        },
        { spec: { drivers: [{ name: "a.example", nodeID: "n", allocatable: { count: 5 } }] } },
      ]),
      csiNodes.put("csinode-4", {
        spec: { drivers: [{ name: "a.example", nodeID: "m", allocatable: { count: 6 } }] },
      }),
      csiNodes.put("csinode-4", { spec: { drivers: [] } }),
    ],
  },
  {
    name: "volume attachments",
    exchanges: [
      ...attachments.each("attachment", [
        {},
        ...specs(
          {},
          attach,
          { ...attach, source: {} },
          { ...attach, source: { persistentVolumeName: "" } },
          { ...attach, attacher: "Not Valid" },
          { ...attach, attacher: "", nodeName: "" },
          { ...attach, source: { persistentVolumeName: "v", inlineVolumeSpec: good } },
          { ...attach, source: { inlineVolumeSpec: good } },
          { ...attach, source: { inlineVolumeSpec: { ...good, hostPath: undefined, csi } } },
        ),
        { spec: attach, status: { attached: true } },
      ]),

      attachments.merge("attachment-2", { status: { attached: true } }),
      attachments.merge(
        "attachment-2",
        { status: { attached: true, attachmentMetadata: { a: "b" } } },
        "status",
      ),
      attachments.merge(
        "attachment-2",
        { status: { attached: false, attachError: { message: "m", errorCode: 3 } } },
        "status",
      ),
    ],
  },
  {
    name: "capacities and attribute classes",
    exchanges: [
      ...capacities.each("capacity", [
        {},
        { storageClassName: "gold" },
        { storageClassName: "", capacity: "1Gi" },
        { storageClassName: "Not Valid", capacity: "-1", maximumVolumeSize: "-2" },
        { storageClassName: "gold", capacity: "nope" },
        { storageClassName: "gold", nodeTopology: { matchLabels: { a: "b" } } },
        { storageClassName: "gold", nodeTopology: { matchExpressions: [{ key: "a", operator: "In" }] } },
      ]),
      capacities.put("capacity-5", { storageClassName: "silver", nodeTopology: { matchLabels: { a: "c" } } }),
      capacities.put("capacity-5", {
        storageClassName: "gold",
        nodeTopology: { matchLabels: { a: "b" } },
        capacity: "2Gi",
      }),
      ...attributes.each("attributes", [
        {},
        { driverName: "a.example" },
        { driverName: "a.example", parameters: {} },

        { driverName: "Not Valid", parameters: { "": "b" } },
        { driverName: "", parameters: { a: "b" } },
      ]),
      attributes.put("attributes-gone", { driverName: "b.example", parameters: { a: "c" } }),
    ],
  },
];
