import { named } from "./requests.ts";

/** Of access, storage, the cluster itself and what extends it. */
export const tabledAccessAndStorage: readonly (readonly [string, string, object])[] = [
  [
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles",
    "r",
    named("rbac.authorization.k8s.io/v1", "Role", "r", { rules: [] }),
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings",
    "b",
    named("rbac.authorization.k8s.io/v1", "RoleBinding", "b", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
      subjects: [
        { kind: "User", name: "u", apiGroup: "rbac.authorization.k8s.io" },
        { kind: "ServiceAccount", name: "s", namespace: "n" },
        { kind: "Group", name: "g", apiGroup: "rbac.authorization.k8s.io" },
      ],
    }),
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "reads-c",
    named("rbac.authorization.k8s.io/v1", "ClusterRole", "reads-c", { rules: [] }),
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "reads-b",
    named("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "reads-b", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reads-c" },
      subjects: [{ kind: "User", name: "u", apiGroup: "rbac.authorization.k8s.io" }],
    }),
  ],
  [
    "/apis/storage.k8s.io/v1/storageclasses",
    "reads-s",
    named("storage.k8s.io/v1", "StorageClass", "reads-s", {
      provisioner: "p",
      metadata: { name: "reads-s", annotations: { "storageclass.kubernetes.io/is-default-class": "false" } },
    }),
  ],
  [
    "/apis/storage.k8s.io/v1/csidrivers",
    "reads-d",
    named("storage.k8s.io/v1", "CSIDriver", "reads-d", { spec: { tokenRequests: [{ audience: "a" }] } }),
  ],
  [
    "/apis/storage.k8s.io/v1/csinodes",
    "reads-n",
    named("storage.k8s.io/v1", "CSINode", "reads-n", { spec: { drivers: [{ name: "d", nodeID: "x" }] } }),
  ],
  [
    "/apis/storage.k8s.io/v1/volumeattachments",
    "reads-v",
    named("storage.k8s.io/v1", "VolumeAttachment", "reads-v", {
      spec: { attacher: "a", nodeName: "n", source: { persistentVolumeName: "p" } },
    }),
  ],
  [
    "/apis/storage.k8s.io/v1/namespaces/{ns}/csistoragecapacities",
    "c",
    named("storage.k8s.io/v1", "CSIStorageCapacity", "c", { storageClassName: "x", capacity: "1Gi" }),
  ],
  [
    "/apis/storage.k8s.io/v1/volumeattributesclasses",
    "reads-a",
    named("storage.k8s.io/v1", "VolumeAttributesClass", "reads-a", {
      driverName: "d",
      parameters: { a: "b" },
    }),
  ],
  [
    "/apis/scheduling.k8s.io/v1/priorityclasses",
    "reads-p",
    named("scheduling.k8s.io/v1", "PriorityClass", "reads-p", { value: 7, description: "d" }),
  ],
  [
    "/apis/node.k8s.io/v1/runtimeclasses",
    "reads-r",
    named("node.k8s.io/v1", "RuntimeClass", "reads-r", { handler: "h" }),
  ],
  [
    "/api/v1/persistentvolumes",
    "reads-p",
    named("v1", "PersistentVolume", "reads-p", {
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
        hostPath: { path: "/x" },
        storageClassName: "x",
        persistentVolumeReclaimPolicy: "Retain",
      },
    }),
  ],
  [
    "/api/v1/nodes",
    "reads-n",
    named("v1", "Node", "reads-n", {
      metadata: { name: "reads-n", labels: { "node-role.kubernetes.io/control-plane": "" } },
      spec: { unschedulable: true },
    }),
  ],
  ["/api/v1/namespaces", "reads-ns", named("v1", "Namespace", "reads-ns")],
  [
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "things.reads.example.com",
    named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "things.reads.example.com", {
      spec: {
        group: "reads.example.com",
        names: { plural: "things", kind: "Thing" },
        scope: "Namespaced",
        versions: [
          { name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } },
        ],
      },
    }),
  ],
  [
    "/apis/certificates.k8s.io/v1/clustertrustbundles",
    "reads-t",
    named("certificates.k8s.io/v1beta1", "ClusterTrustBundle", "reads-t", {}),
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "reads-v",
    named("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "reads-v", {
      webhooks: [
        {
          name: "a.example.com",
          clientConfig: { url: "https://example.com" },
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
        },
      ],
    }),
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "reads-m",
    named("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", "reads-m", { webhooks: [] }),
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "reads-v",
    named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "reads-v", {
      spec: {
        matchConstraints: {
          resourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["none"] },
          ],
        },
        validations: [{ expression: "true" }],
      },
    }),
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
    "reads-v",
    named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "reads-v", {
      spec: { policyName: "reads-v", validationActions: ["Deny"] },
    }),
  ],
  [
    "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    "reads-l",
    named("flowcontrol.apiserver.k8s.io/v1", "PriorityLevelConfiguration", "reads-l", {
      spec: { type: "Limited", limited: { nominalConcurrencyShares: 3, limitResponse: { type: "Reject" } } },
    }),
  ],
  [
    "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
    "reads-f",
    named("flowcontrol.apiserver.k8s.io/v1", "FlowSchema", "reads-f", {
      spec: {
        matchingPrecedence: 4000,
        priorityLevelConfiguration: { name: "reads-l" },
        distinguisherMethod: { type: "ByUser" },
      },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/ipaddresses",
    "10.200.0.1",
    named("networking.k8s.io/v1", "IPAddress", "10.200.0.1", {
      spec: { parentRef: { resource: "services", name: "s", namespace: "n" } },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/servicecidrs",
    "reads-c",
    named("networking.k8s.io/v1", "ServiceCIDR", "reads-c", { spec: { cidrs: ["10.201.0.0/24"] } }),
  ],
  [
    "/apis/resource.k8s.io/v1/deviceclasses",
    "reads-d",
    named("resource.k8s.io/v1", "DeviceClass", "reads-d", { spec: {} }),
  ],
  [
    "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaims",
    "r",
    named("resource.k8s.io/v1", "ResourceClaim", "r", { spec: {} }),
  ],
  [
    "/apis/resource.k8s.io/v1/namespaces/{ns}/resourceclaimtemplates",
    "r",
    named("resource.k8s.io/v1", "ResourceClaimTemplate", "r", { spec: { spec: {} } }),
  ],
];
