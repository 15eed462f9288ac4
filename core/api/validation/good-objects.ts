import type { Loose } from "./objects-under-test.ts";

const spec = { containers: [{ name: "a", image: "i" }] };
const template = { metadata: { labels: { app: "a" } }, spec };
const selecting = { spec: { selector: { matchLabels: { app: "a" } }, template } };
const job = { spec: { template: { spec: { ...spec, restartPolicy: "Never" } } } };
const hook = {
  webhooks: [
    {
      name: "a.b.c",
      clientConfig: { url: "https://a" },
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
      rules: [{ operations: ["CREATE"], apiGroups: [""], apiVersions: ["v1"], resources: ["pods"] }],
    },
  ],
};
/** A good object of each kind, by its path, into which `mistakes.txt` puts one mistake after the other. */
export const goodObjects: Readonly<Record<string, Loose>> = {
  "v1/pods": { spec },
  "apps/v1/deployments": selecting,
  "apps/v1/replicasets": selecting,
  "apps/v1/statefulsets": selecting,
  "apps/v1/daemonsets": selecting,
  "v1/replicationcontrollers": { spec: { template } },
  "batch/v1/jobs": job,
  "batch/v1/cronjobs": { spec: { schedule: "@daily", jobTemplate: job } },
  "v1/services": { spec: { ports: [{ port: 80 }] } },
  "v1/persistentvolumeclaims": {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  },
  "v1/persistentvolumes": {
    spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, hostPath: { path: "/a" } },
  },
  "autoscaling/v2/horizontalpodautoscalers": {
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" }, maxReplicas: 3 },
  },
  "networking.k8s.io/v1/ingresses": {
    spec: {
      rules: [
        {
          http: {
            paths: [
              { path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } },
            ],
          },
        },
      ],
    },
  },
  "networking.k8s.io/v1/networkpolicies": { spec: { podSelector: {} } },
  "networking.k8s.io/v1/ingressclasses": { spec: { controller: "a.b/c" } },
  "networking.k8s.io/v1/servicecidrs": { spec: { cidrs: ["10.0.0.0/8"] } },
  "discovery.k8s.io/v1/endpointslices": { addressType: "IPv4", endpoints: [{ addresses: ["10.0.0.1"] }] },
  "rbac.authorization.k8s.io/v1/rolebindings": {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" },
  },
  "admissionregistration.k8s.io/v1/validatingwebhookconfigurations": hook,
  "storage.k8s.io/v1/storageclasses": { provisioner: "a.b/c" },
  "storage.k8s.io/v1/csidrivers": { spec: {} },
  "storage.k8s.io/v1/csinodes": { spec: { drivers: [] } },
  "storage.k8s.io/v1/csistoragecapacities": { storageClassName: "a" },
  "storage.k8s.io/v1/volumeattributesclasses": { driverName: "a.b", parameters: { a: "b" } },
  "storage.k8s.io/v1/volumeattachments": {
    spec: { attacher: "a.b", nodeName: "n", source: { persistentVolumeName: "p" } },
  },
  "scheduling.k8s.io/v1/priorityclasses": { value: 1 },
  "node.k8s.io/v1/runtimeclasses": { handler: "h" },
  "certificates.k8s.io/v1/certificatesigningrequests": {
    spec: {
      request:
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KWVE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K",
      signerName: "a.b/c",
      usages: ["client auth"],
    },
  },
  "flowcontrol.apiserver.k8s.io/v1/flowschemas": { spec: { priorityLevelConfiguration: { name: "a" } } },
  "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations": {
    spec: { type: "Limited", limited: { limitResponse: { type: "Reject" } } },
  },
  "apiregistration.k8s.io/v1/apiservices": {
    metadata: { name: "v1.a.b" },
    spec: { group: "a.b", version: "v1", groupPriorityMinimum: 1, versionPriority: 1 },
  },
  "policy/v1/poddisruptionbudgets": { spec: { minAvailable: 1 } },
  "berth.dev/v1alpha1/plugins": { spec: { contract: "csi", dev: true, source: { path: "/a" } } },
  "berth.dev/v1alpha1/pluginsets": { spec: { plugins: ["a"] } },
};
