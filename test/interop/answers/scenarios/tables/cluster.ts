import type { Scenario } from "../../exchange.ts";
import { core, named } from "../reads/requests.ts";
import { gone, longAgo, tableOf, type Told, told } from "./requests.ts";

const role = (name: string, value = "") => ({ [`node-role.kubernetes.io/${name}`]: value });
const labelled = (labels: object) => ({ labels: { asked: "yes", ...labels } });
const ready = (status: string) => ({ conditions: [{ type: "Ready", status }] });
const nodes: readonly Told[] = [
  { name: "tables-unknown" },
  {
    name: "tables-ready",
    status: {
      ...ready("True"),
      addresses: [
        { type: "Hostname", address: "h" },
        { type: "InternalIP", address: "10.0.0.1" },
        { type: "InternalIP", address: "10.0.0.2" },
        { type: "ExternalIP", address: "192.0.2.1" },
      ],
      nodeInfo: {
        kubeletVersion: "v1.36.0",
        osImage: "Linux",
        kernelVersion: "6.1",
        architecture: "amd64",
        containerRuntimeVersion: "containerd://2.0",
        operatingSystem: "linux",
        machineID: "",
        systemUUID: "",
        bootID: "",
        kubeProxyVersion: "",
      },
    },
  },
  { name: "tables-unready", status: ready("False") },
  { name: "tables-lost", status: ready("Unknown"), spec: { unschedulable: true } },
  {
    name: "tables-closed",
    status: ready("True"),
    spec: { unschedulable: true, taints: [{ key: "a", effect: "NoSchedule" }] },
  },
  {
    name: "tables-roles",
    metadata: labelled({ ...role("worker"), ...role("control-plane", "x"), "kubernetes.io/role": "old" }),
  },
  { name: "tables-role", metadata: labelled({ "kubernetes.io/role": "" }) },
];

const claimSpec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const claims: readonly Told[] = [
  { name: "plain", spec: { ...claimSpec, storageClassName: "" } },
  {
    name: "bound",
    spec: {
      ...claimSpec,
      storageClassName: "c",
      volumeName: "v",
      volumeMode: "Block",
      accessModes: ["ReadWriteMany", "ReadWriteOnce"],
    },
    status: { phase: "Bound", accessModes: ["ReadWriteMany", "ReadWriteOnce"], capacity: { storage: "2Gi" } },
  },
  { name: "half", spec: { ...claimSpec, storageClassName: "c", volumeName: "v" } },
  { name: "lost", spec: { ...claimSpec, storageClassName: "c", volumeName: "v" }, status: { phase: "Lost" } },
  {
    name: "old",
    spec: { ...claimSpec },
    metadata: { labels: { asked: "yes" }, annotations: { "volume.beta.kubernetes.io/storage-class": "b" } },
  },
  { name: "classed", spec: { ...claimSpec, storageClassName: "c", volumeAttributesClassName: "a" } },
  { name: "going", spec: { ...claimSpec, storageClassName: "c" }, deleted: true },
];
const volumeSpec = { capacity: { storage: "1024Mi" }, hostPath: { path: "/x" } };
const volumes: readonly Told[] = [
  {
    name: "tables-modes",
    spec: { ...volumeSpec, accessModes: ["ReadWriteOncePod"], storageClassName: "c", volumeMode: "Block" },
    status: { phase: "Available" },
  },
  {
    name: "tables-bound",
    spec: {
      ...volumeSpec,
      accessModes: ["ReadWriteMany", "ReadOnlyMany", "ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Delete",
      claimRef: { namespace: "n", name: "c", uid: "1" },
    },
    status: { phase: "Bound" },
  },
  {
    name: "tables-failed",
    spec: { ...volumeSpec, accessModes: ["ReadWriteOnce"] },
    status: { phase: "Failed", reason: "Lost", message: "m" },
  },
];

const involvedObject = { kind: "Pod", name: "p", namespace: "{ns}" };
const events: readonly Told[] = [
  { name: "bare", more: { involvedObject: { namespace: "{ns}" } } },
  {
    name: "old",
    more: {
      involvedObject: { ...involvedObject, fieldPath: "spec.containers{c}" },
      firstTimestamp: longAgo,
      lastTimestamp: longAgo,
      count: 7,
      type: "Warning",
      reason: "R",
      message: "  two\nlines \n",
      source: { component: "k", host: "h" },
    },
  },
  { name: "first", more: { involvedObject, firstTimestamp: longAgo, source: { host: "h" }, message: "m" } },
  {
    name: "new",
    more: {
      involvedObject: { kind: "Node", namespace: "{ns}" },
      eventTime: "2000-01-01T00:00:00.000001Z",
      reportingComponent: "example.com/r",
      reportingInstance: "i",
      action: "A",
      reason: "R",
      type: "Normal",
    },
  },
  {
    name: "series",
    more: {
      involvedObject,
      eventTime: "2000-01-01T00:00:00.000001Z",
      series: { count: 9, lastObservedTime: "2000-01-01T00:00:00.000001Z" },
      reportingComponent: "example.com/r",
      reportingInstance: "i",
      action: "A",
      reason: "R",
      type: "Normal",
    },
  },
];
const quotas: readonly Told[] = [
  {
    name: "told",
    spec: { hard: { pods: "10" } },
    status: {
      hard: {
        pods: "10",
        "requests.cpu": "4",
        "limits.memory": "1Gi",
        "limits.cpu": "4",
        "count/x.example.com": "3",
      },
      used: { pods: "3", "requests.cpu": "1500m", "limits.memory": "0" },
    },
  },
];
const classes: readonly Told[] = [
  { name: "tables-plain", more: { provisioner: "p" } },
  {
    name: "tables-default",
    more: {
      provisioner: "p",
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
    metadata: labelledDefault("storageclass.kubernetes.io"),
  },
  {
    name: "tables-beta",
    more: { provisioner: "p" },
    metadata: labelledDefault("storageclass.beta.kubernetes.io"),
  },
];

function labelledDefault(domain: string): object {
  return { labels: { asked: "yes" }, annotations: { [`${domain}/is-default-class`]: "true" } };
}

const classPath = "/apis/storage.k8s.io/v1/storageclasses";
const bindingPath = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const bound = (name: string, paramRef: object): Told => ({
  name,
  spec: {
    policyName: "tables",
    validationActions: ["Deny"],
    paramRef: { parameterNotFoundAction: "Allow", ...paramRef },
  },
});
const bindings: readonly Told[] = [
  bound("tables-named", { name: "p" }),
  bound("tables-placed", { name: "p", namespace: "n" }),
  bound("tables-selected", {
    selector: {
      matchLabels: { b: "c", a: "b" },
      matchExpressions: [{ key: "k", operator: "In", values: ["x", "y"] }],
    },
  }),
];
const claimPath = "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaims";
const requests = { devices: { requests: [{ name: "r", exactly: { deviceClassName: "d.example.com" } }] } };
const device = { request: "r", driver: "d.example.com", pool: "p", device: "x" };
const deviceClaims: readonly Told[] = [
  { name: "pending", spec: requests },
  { name: "allocated", spec: requests, status: { allocation: { devices: { results: [device] } } } },
  {
    name: "reserved",
    spec: requests,
    status: {
      allocation: { devices: { results: [device] } },
      reservedFor: [{ resource: "pods", name: "p", uid: "1" }],
    },
  },
  { name: "going", spec: requests, deleted: true },
];

const listed = (
  name: string,
  path: string,
  apiVersion: string,
  kind: string,
  all: readonly Told[],
): Scenario => ({
  name,
  exchanges: [
    ...all.flatMap((one) => told(path, apiVersion, kind, one)),
    tableOf(path),
    ...(path.includes("{ns}") ? [] : gone(path, all)),
  ],
});

export const clusterTables: readonly Scenario[] = [
  listed("states of nodes", "/api/v1/nodes", "v1", "Node", nodes),
  listed("states of claims", `${core}/persistentvolumeclaims`, "v1", "PersistentVolumeClaim", claims),
  listed("states of volumes", "/api/v1/persistentvolumes", "v1", "PersistentVolume", volumes),
  listed("ages of events", `${core}/events`, "v1", "Event", events),
  {
    name: "events of the other group",
    exchanges: [
      ...events.slice(1).flatMap((one) => told(`${core}/events`, "v1", "Event", one)),
      tableOf("/apis/events.k8s.io/v1/namespaces/{ns}/events"),
    ],
  },
  listed("use of quotas", `${core}/resourcequotas`, "v1", "ResourceQuota", quotas),
  listed("default storage classes", classPath, "storage.k8s.io/v1", "StorageClass", classes),
  listed(
    "parameters of bindings",
    bindingPath,
    "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicyBinding",
    bindings,
  ),
  {
    name: "states of device claims",
    exchanges: [
      // Their status is no table.
      ...deviceClaims
        .flatMap((one) => told(claimPath, "resource.k8s.io/v1", "ResourceClaim", one))
        .map(({ headers: _, ...exchange }) => exchange),
      tableOf(claimPath),
    ],
  },
  {
    name: "subjects of bindings",
    exchanges: [
      {
        path: "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
        body: named("rbac.authorization.k8s.io/v1", "RoleBinding", "none", {
          metadata: { name: "none", labels: { asked: "yes" } },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
        }),
      },
      tableOf("/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings"),
    ],
  },
];
