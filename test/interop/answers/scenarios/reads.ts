import type { Exchange, Scenario } from "../exchange.ts";

const core = "/api/v1/namespaces/{ns}";
const configMaps = `${core}/configmaps`;
const pods = `${core}/pods`;
const get = (path: string, accept?: string): Exchange => ({
  path,
  ...(accept !== undefined && { headers: { accept } }),
});
const gets = (paths: readonly string[], accept?: string): Exchange[] =>
  paths.map((path) => get(path, accept));
const queries = (path: string, texts: readonly string[], accept?: string): Exchange[] =>
  texts.map((text) => get(`${path}?${text}`, accept));

const configMap = (name: string, labels?: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, ...(labels && { labels }) },
  data: { a: name },
});
const pod = (name: string, spec: object = {}, labels?: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...(labels && { labels }) },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
const threeMaps: readonly Exchange[] = [
  {
    path: configMaps,
    body: configMap("one", { app: "web", tier: "front" }),
    take: { first: "metadata.resourceVersion" },
  },
  { path: configMaps, body: configMap("two", { app: "web" }), take: { second: "metadata.resourceVersion" } },
  { path: configMaps, body: configMap("three"), take: { third: "metadata.resourceVersion" } },
];

const labelSelectors = [
  "app=web",
  "app%3D%3Dweb",
  "app!=web",
  "app",
  "!app",
  "app%20in%20(web,db)",
  "app%20notin%20(web)",
  "tier=front,app=web",
  "app%20in%20()",
  "app%3E1",
  "app%20%3E%20x",
  "app%20in",
  "app%20in%20(web",
  "%3Dweb",
  "app=a%20b",
  "app=-bad",
  "-bad=x",
  "a/b/c=d",
  "app=web,,tier=front",
  "app=web,",
  ",",
  "!",
  "app%20like%20web",
  "app===web",
  "example.com/x",
  "EXAMPLE.com/x",
  `app=${"x".repeat(64)}`,
  `${"x".repeat(64)}=a`,
  "app=",
  "app%20in%20(,web)",
  "app%20exists",
  "(",
  "app=web)",
];
const fieldSelectors = [
  "metadata.name=one",
  "metadata.name!=one",
  "metadata.name%3D%3Done",
  "metadata.namespace={ns}",
  "metadata.namespace=other",
  "metadata.name=one,metadata.namespace={ns}",
  "metadata.name=one,metadata.name=two",
  "spec.x=1",
  "metadata.labels=1",
  "metadata.name",
  "metadata.name=",
  "=one",
  "metadata.name=a%5C,b",
  "metadata.name=a%5Cb",
  "metadata.name%20in%20(one)",
  "metadata.name=One",
  "metadata.name=a/b",
  "metadata.uid=1",
  ",",
  "metadata.name=one,",
  "metadata.name===one",
  "status.phase=Running",
];

const kindsWithFields: readonly (readonly [string, readonly string[]])[] = [
  [
    pods,
    [
      "spec.nodeName=",
      "spec.restartPolicy=Always",
      "spec.schedulerName=default-scheduler",
      "spec.serviceAccountName=default",
      "spec.hostNetwork=false",
      "status.phase=Pending",
      "status.podIP=",
      "status.podIPs=",
      "status.nominatedNodeName=",
      "spec.hostNetwork=true",
      "status.phase!=Running",
      "spec.containers=1",
      "metadata.annotations=x",
    ],
  ],
  ["/api/v1/nodes", ["spec.unschedulable=true", "spec.unschedulable=false", "spec.podCIDR=x"]],
  ["/api/v1/namespaces", ["status.phase=Terminating", "metadata.name={ns}", "name={ns}", "spec.x=1"]],
  [`${core}/secrets`, ["type=Opaque", "type=other", "data=x"]],
  [
    `${core}/events`,
    [
      "involvedObject.kind=Pod",
      "involvedObject.namespace=x",
      "involvedObject.name=x",
      "involvedObject.uid=x",
      "involvedObject.apiVersion=x",
      "involvedObject.resourceVersion=x",
      "involvedObject.fieldPath=x",
      "reason=x",
      "reportingComponent=x",
      "source=x",
      "type=Normal",
      "regarding.kind=Pod",
      "message=x",
    ],
  ],
  [
    "/apis/events.k8s.io/v1/namespaces/{ns}/events",
    [
      "regarding.kind=Pod",
      "reason=x",
      "reportingController=x",
      "type=Normal",
      "involvedObject.kind=Pod",
      "regarding.name=x",
      "regarding.uid=x",
      "regarding.fieldPath=x",
      "regarding.apiVersion=v1",
      "regarding.resourceVersion=1",
      "regarding.namespace=x",
      "source=x",
      "metadata.name=x",
    ],
  ],
  [`${core}/services`, ["spec.clusterIP=None", "spec.type=ClusterIP", "spec.x=1", "metadata.namespace={ns}"]],
  [`${core}/replicationcontrollers`, ["status.replicas=0", "spec.replicas=0"]],
  ["/apis/apps/v1/namespaces/{ns}/replicasets", ["status.replicas=0", "spec.replicas=0"]],
  ["/apis/apps/v1/namespaces/{ns}/deployments", ["status.replicas=0", "metadata.name=x"]],
  ["/apis/batch/v1/namespaces/{ns}/jobs", ["status.successful=0"]],
  ["/apis/certificates.k8s.io/v1/certificatesigningrequests", ["spec.signerName=x", "spec.username=x"]],
  ["/apis/certificates.k8s.io/v1/clustertrustbundles", ["spec.signerName=x"]],
  ["/apis/apiextensions.k8s.io/v1/customresourcedefinitions", ["spec.group=x", "metadata.name=x"]],
  ["/apis/apiregistration.k8s.io/v1/apiservices", ["spec.group=x", "metadata.name=x"]],
  ["/apis/resource.k8s.io/v1/resourceslices", ["spec.nodeName=x", "spec.driver=x"]],
  ["/apis/rbac.authorization.k8s.io/v1/clusterroles", ["metadata.name=x"]],
  ["/apis/storage.k8s.io/v1/storageclasses", ["metadata.name=x", "provisioner=x"]],
];

const revisions = ["", "0", "1", "{first}", "{third}", "x", "-1", "01", "1.5", "99999999999"];
const matches = ["", "Exact", "NotOlderThan", "exact", "Other"];
const listCombinations = revisions
  .flatMap((resourceVersion) =>
    matches.map((match) => `resourceVersion=${resourceVersion}${match && `&resourceVersionMatch=${match}`}`),
  )
  .filter((text) => !/=1(&|$)/.test(text) && !/9999/.test(text));

const table = (version = "v1"): string => `application/json;as=Table;v=${version};g=meta.k8s.io`;
const metadata = (as = "PartialObjectMetadataList", version = "v1"): string =>
  `application/json;as=${as};v=${version};g=meta.k8s.io`;

const accepts = [
  "application/json",
  "*/*",
  "",
  "application/json;q=0.5,application/yaml",
  "application/yaml;q=0.5,application/json;q=0.4",
  "application/xml,application/json",
  "application/json;q=0",
  "application/json; charset=utf-8",
  "application/json;charset=utf-8;q=0.9",
  "application/json;stream=watch",
  "application/json;pretty=1",

  "application/json;as=Table;v=v2;g=meta.k8s.io,application/json",
  metadata("PartialObjectMetadata"),
  metadata("PartialObjectMetadataList"),
  metadata("PartialObjectMetadata", "v1beta1"),
  "application/yaml",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "application/json, */*",
  "*/*;q=0.1,application/yaml",
  "application/json;as=Table;v=v1;g=meta.k8s.io;q=0.5,application/yaml;q=0.9",
  "application/json;profile=nested",
];
/** Berth does not say that it speaks protobuf: the texts are other ones. */
const refusedAccepts = [
  "application/*",
  "text/html",
  "text/plain",
  "application/xml",
  "json",
  "application",
  "text/*",
  "*/json",
  "APPLICATION/JSON",
  "application/json;as=Other;v=v1;g=meta.k8s.io",
  "application/json;as=Table;v=v2;g=meta.k8s.io",
  "application/json;as=Table;v=v1",
  "application/json;as=Table;g=meta.k8s.io",
  "application/json;as=Table;v=v1;g=other",
  "application/json;as=Table",
  "application/json;as=Table;v=v1alpha1;g=meta.k8s.io",
  metadata("PartialObjectMetadata", "v1alpha1"),
  "application/xml, text/html",
  ";;",
  "application/json;v=v1",
  "application/json;g=meta.k8s.io;v=v1",
  "application/apply-patch+yaml",
  "application/cbor",
];
const tableAccepts = [
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=Table;v=v1beta1;g=meta.k8s.io",
];

const deploymentSpec = (more: object = {}) => ({
  replicas: 2,
  selector: { matchLabels: { app: "w" } },
  template: {
    metadata: { labels: { app: "w" } },
    spec: {
      containers: [
        { name: "c", image: "i" },
        { name: "d", image: "j" },
      ],
    },
  },
  ...more,
});
const named = (apiVersion: string, kind: string, name: string, more: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
const apps = "/apis/apps/v1/namespaces/{ns}";
const tabled: readonly (readonly [string, string, object])[] = [
  [
    pods,
    "p",
    pod("p", {
      nodeSelector: { a: "b" },
      readinessGates: [{ conditionType: "x/y" }],
      initContainers: [{ name: "i", image: "i" }],
    }),
  ],
  [configMaps, "c", configMap("c")],
  [`${core}/secrets`, "s", named("v1", "Secret", "s", { stringData: { a: "b" } })],
  [
    `${core}/services`,
    "s",
    named("v1", "Service", "s", {
      spec: {
        clusterIP: "None",
        ports: [{ port: 80 }, { port: 53, protocol: "UDP", name: "d" }],
        selector: { a: "b" },
      },
    }),
  ],
  [
    `${core}/services`,
    "e",
    named("v1", "Service", "e", { spec: { type: "ExternalName", externalName: "example.com" } }),
  ],
  [`${core}/serviceaccounts`, "a", named("v1", "ServiceAccount", "a", { secrets: [{ name: "x" }] })],
  [
    `${core}/endpoints`,
    "e",
    named("v1", "Endpoints", "e", {
      subsets: [
        {
          addresses: [{ ip: "10.1.1.1" }, { ip: "10.1.1.2" }],
          ports: [{ port: 80 }, { port: 81, name: "b" }],
        },
      ],
    }),
  ],
  [
    `${core}/persistentvolumeclaims`,
    "p",
    named("v1", "PersistentVolumeClaim", "p", {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    }),
  ],
  [
    `${core}/limitranges`,
    "l",
    named("v1", "LimitRange", "l", { spec: { limits: [{ type: "Container", max: { cpu: "1" } }] } }),
  ],
  [
    `${core}/resourcequotas`,
    "q",
    named("v1", "ResourceQuota", "q", {
      spec: { hard: { pods: "10", "requests.cpu": "4", "limits.memory": "1Gi" } },
    }),
  ],
  [
    `${core}/podtemplates`,
    "t",
    named("v1", "PodTemplate", "t", {
      template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
    }),
  ],
  [
    `${core}/replicationcontrollers`,
    "r",
    named("v1", "ReplicationController", "r", {
      spec: {
        replicas: 1,
        selector: { a: "b" },
        template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "i" }] } },
      },
    }),
  ],
  [
    `${core}/events`,
    "e",
    named("v1", "Event", "e", {
      involvedObject: { kind: "Pod", name: "p", namespace: "{ns}", fieldPath: "spec.containers{c}" },
      reason: "R",
      message: "m",
      type: "Normal",
      source: { component: "k", host: "h" },
      count: 3,
    }),
  ],
  [`${apps}/deployments`, "d", named("apps/v1", "Deployment", "d", { spec: deploymentSpec() })],
  [`${apps}/replicasets`, "r", named("apps/v1", "ReplicaSet", "r", { spec: deploymentSpec() })],
  [
    `${apps}/statefulsets`,
    "s",
    named("apps/v1", "StatefulSet", "s", { spec: deploymentSpec({ serviceName: "s" }) }),
  ],
  [
    `${apps}/daemonsets`,
    "d",
    named("apps/v1", "DaemonSet", "d", { spec: { ...deploymentSpec(), replicas: undefined } }),
  ],
  [
    `${apps}/controllerrevisions`,
    "c",
    named("apps/v1", "ControllerRevision", "c", { revision: 3, data: { a: 1 } }),
  ],
  [
    "/apis/batch/v1/namespaces/{ns}/jobs",
    "j",
    named("batch/v1", "Job", "j", {
      spec: {
        completions: 3,
        parallelism: 2,
        template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } },
      },
    }),
  ],
  [
    "/apis/batch/v1/namespaces/{ns}/cronjobs",
    "c",
    named("batch/v1", "CronJob", "c", {
      spec: {
        schedule: "* * * * *",
        timeZone: "Etc/UTC",
        jobTemplate: {
          spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
        },
      },
    }),
  ],
  [
    "/apis/autoscaling/v2/namespaces/{ns}/horizontalpodautoscalers",
    "h",
    named("autoscaling/v2", "HorizontalPodAutoscaler", "h", {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "d" },
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
          },
          {
            type: "Resource",
            resource: { name: "memory", target: { type: "AverageValue", averageValue: "100Mi" } },
          },
        ],
      },
    }),
  ],
  [
    "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets",
    "p",
    named("policy/v1", "PodDisruptionBudget", "p", {
      spec: { minAvailable: "50%", selector: { matchLabels: { a: "b" } } },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/{ns}/ingresses",
    "i",
    named("networking.k8s.io/v1", "Ingress", "i", {
      spec: {
        ingressClassName: "x",
        tls: [{ hosts: ["a"] }],
        rules: [
          {
            host: "a.example.com",
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/{ns}/networkpolicies",
    "n",
    named("networking.k8s.io/v1", "NetworkPolicy", "n", {
      spec: { podSelector: { matchLabels: { a: "b" } } },
    }),
  ],
  [
    "/apis/networking.k8s.io/v1/ingressclasses",
    "reads-i",
    named("networking.k8s.io/v1", "IngressClass", "reads-i", {
      spec: { controller: "example.com/c", parameters: { kind: "K", name: "n", apiGroup: "g.example.com" } },
    }),
  ],
  [
    "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices",
    "e",
    named("discovery.k8s.io/v1", "EndpointSlice", "e", {
      addressType: "IPv4",
      ports: [{ port: 80, name: "a" }],
      endpoints: [{ addresses: ["10.1.1.1"] }],
    }),
  ],
  [
    "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases",
    "l",
    named("coordination.k8s.io/v1", "Lease", "l", {
      spec: { holderIdentity: "me", leaseDurationSeconds: 10 },
    }),
  ],
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

const groupVersions = [
  "apiregistration.k8s.io/v1",
  "apps/v1",
  "events.k8s.io/v1",
  "authentication.k8s.io/v1",
  "authorization.k8s.io/v1",
  "autoscaling/v2",
  "autoscaling/v1",
  "batch/v1",
  "certificates.k8s.io/v1",
  "networking.k8s.io/v1",
  "policy/v1",
  "rbac.authorization.k8s.io/v1",
  "storage.k8s.io/v1",
  "admissionregistration.k8s.io/v1",
  "apiextensions.k8s.io/v1",
  "scheduling.k8s.io/v1",
  "coordination.k8s.io/v1",
  "node.k8s.io/v1",
  "discovery.k8s.io/v1",
  "flowcontrol.apiserver.k8s.io/v1",
  "resource.k8s.io/v1",
  "apps/v1beta1",
  "other/v1",
  "batch/v1beta1",
  "policy/v1beta1",
  "extensions/v1beta1",
  "metrics.k8s.io/v1beta1",
];

const unknown = [
  "/x",
  "/api/v2",
  "/api/v1/x",
  "/api/x/y/z",
  "/apis/other",
  "/apis/other/v1/x",
  "/apis/apps/v2/deployments",
  "/apis/apps/v1/pods",
  "/api/v1/deployments",
  `${pods}/none`,
  `${pods}/none/x`,
  `${pods}/none/status`,
  `${pods}/none/log`,
  `${pods}/none/exec`,
  `${pods}/none/eviction`,
  `${core}/x`,
  `${core}/nodes`,
  `${core}/nodes/x`,
  "/api/v1/nodes/none",
  "/api/v1/nodes/none/proxy",
  "/api/v1/namespaces/none",
  "/api/v1/namespaces/none/pods",
  "/api/v1/namespaces/none/pods/x",
  "/api/v1/namespaces/None/pods",
  "/api/v1/namespaces/a_b/pods",
  "/api/v1/namespaces/none/status",
  "/api/v1/namespaces/{ns}/finalize",
  "/api/v1/pods/x",
  "/api/v1/",
  "/apis/apps/",
  "/apis/apps/v1/",
  `${configMaps}/`,
  `${configMaps}/one/`,
  `${core}//configmaps`,
  `/api//v1/namespaces/{ns}/configmaps`,
  `${configMaps}//one`,
  `${configMaps}/%6Fne`,
  `${core}/ConfigMaps`,
  "/API/v1",
  "/Api/v1/pods",
  "/apis/Apps/v1/deployments",
  `${configMaps}/${"x".repeat(254)}`,
  `${configMaps}/${"x".repeat(3000)}`,
  `${configMaps}/a%20b`,
  `${configMaps}/A`,
  `${configMaps}/a_b`,
  `${configMaps}/%C3%A9`,
  `${configMaps}/one/scale`,
  `${configMaps}/one/status`,
  "/healthz/",
  "/healthz/none",
  "/version/x",
  "/api/v1/watch/namespaces/{ns}/configmaps/none/x",
  "/logs",
  "/logs/",
  "/metrics/x",
  "/openapi",
  "/openapi/v2/x",
  "/swagger.json",
  "/ui",
  "/favicon.ico",
  "/apis/apps/v1/namespaces/{ns}/deployments/none/scale",
  "/apis/apps/v1/namespaces/{ns}/deployments/none/x",
  "/api/v1/proxy/nodes/x",
  "/apis/authentication.k8s.io/v1/tokenreviews",
  "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
  `${core}/bindings`,
  `${core}/serviceaccounts/default/token`,
  "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  "/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/clusterroles",
  "/apis/rbac.authorization.k8s.io/v1/roles/x",
  "/.well-known",
  "/.well-known/x",
  "/openid/v1",
  "/debug",
  "/readyz/none",
  "/livez/none",
  "/api/v1/namespaces/{ns}/pods/none/proxy",
  "/api/v1/namespaces/{ns}/services/none/proxy",
  "/api/v1/namespaces/{ns}/services/none/proxy/x",
];

const methods = (path: string, names: readonly string[]): Exchange[] =>
  names.map((method) => ({ method, path }));
const otherMethods = ["OPTIONS", "HEAD", "TRACE"];
const allMethods = [...otherMethods, "POST", "PUT", "PATCH", "DELETE"];

const noProtobuf = "no protobuf is spoken, and none offered";
const noDescriptions = "columns of tables are not described";
const ownGroup = "there is a group berth.dev, whose name stands among the others";
const ownVersion = "what the server is called and made of";

export const scenarios: readonly Scenario[] = [
  {
    name: "label selectors",
    exchanges: [
      ...threeMaps,
      ...queries(
        configMaps,
        labelSelectors.map((text) => `labelSelector=${text}`),
      ),
    ],
  },
  {
    name: "field selectors",
    exchanges: [
      ...threeMaps,
      ...queries(
        configMaps,
        fieldSelectors.map((text) => `fieldSelector=${text}`),
      ),
      get(`${configMaps}?fieldSelector=x=1&labelSelector=-`),
      get(`${configMaps}?fieldSelector=metadata.name=one&labelSelector=app=db`),
      get(`${configMaps}/one?fieldSelector=x`),
      get("/api/v1/configmaps?fieldSelector=metadata.namespace={ns}"),
      get("/api/v1/configmaps?fieldSelector=metadata.namespace={ns},metadata.name=two"),
    ],
  },
  {
    name: "field selectors by kind",
    exchanges: [
      { path: pods, body: pod("one", { automountServiceAccountToken: false }) },
      ...kindsWithFields.flatMap(([path, fields]) =>
        queries(
          path,
          fields.map((field) => `fieldSelector=${field}&labelSelector=none=1`),
        ),
      ),
      ...queries(pods, [
        "fieldSelector=spec.nodeName=",
        "fieldSelector=status.phase=Pending",
        "fieldSelector=spec.serviceAccountName=default,status.phase!=Failed",
        "fieldSelector=spec.hostNetwork=false",
        "fieldSelector=spec.nodeName=x",
      ]),
    ],
  },
  {
    name: "watch with field selectors by kind",
    exchanges: queries(pods, [
      "fieldSelector=x=1&watch=1&timeoutSeconds=1",
      "labelSelector=-&watch=1&timeoutSeconds=1",
    ]),
  },
  {
    name: "revisions of a list",
    exchanges: [
      ...threeMaps,
      ...queries(configMaps, listCombinations),
      ...queries(configMaps, [
        "resourceVersion=99999999999",
        "resourceVersion=18446744073709551616",
        "resourceVersion={first}&limit=1",
        "resourceVersion={first}&limit=1&resourceVersionMatch=NotOlderThan",
        "sendInitialEvents=true",
        "sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        "sendInitialEvents=false",
        "sendInitialEvents=x",
        "allowWatchBookmarks=true",
        "timeoutSeconds=1",
        "timeoutSeconds=x",
        "timeoutSeconds=-1",
        "limit=x",
        "limit=-1",
        "limit=0",
        "limit=1.5",
        "limit=99999999999999999999",
        "watch=false",
        "watch=0",
        "continue=",
        "continue=x&resourceVersionMatch=Exact&resourceVersion=1",
        "foo=bar",
        "limit=1&limit=2",
        "allowWatchBookmarks=x",
        "resourceVersion=0&resourceVersionMatch=Exact&sendInitialEvents=true&continue=x",
      ]),
    ],
  },
  {
    name: "revision of a get",
    exchanges: [
      ...threeMaps,
      ...queries(`${configMaps}/one`, [
        "resourceVersion=0",
        "resourceVersion={first}",
        "resourceVersion=99999999999",
        "resourceVersionMatch=Exact",
        "resourceVersionMatch=Exact&resourceVersion=0",
        "pretty=true",
        "exact=true",
        "watch=1&timeoutSeconds=1",
        "limit=1",
      ]),
    ],
  },
  {
    name: "pages",
    exchanges: [
      ...threeMaps,
      { path: `${configMaps}?limit=1`, take: { c: "metadata.continue" } },
      { path: `${configMaps}?limit=1&continue={c}`, take: { c: "metadata.continue" } },
      get(`${configMaps}?continue={c}`),
      get(`${configMaps}?limit=5&continue={c}`),
      get(`${configMaps}?limit=1&continue={c}&resourceVersion=0`),
      get(`${configMaps}?limit=1&continue={c}&resourceVersion={first}`),
      get(`${configMaps}?limit=1&continue={c}&resourceVersion={first}&resourceVersionMatch=Exact`),
      get(`${configMaps}?limit=1&continue={c}&labelSelector=app=web`),
      get(`${configMaps}?limit=1&labelSelector=app=web`),
      get(`${configMaps}?limit=2&labelSelector=app=web`),
      get(`${configMaps}?limit=1&fieldSelector=metadata.name=one`),
      get(`${configMaps}?limit=1`, metadata()),
      get(`${configMaps}?limit=3`),
      get(`${configMaps}?limit=2`),
    ],
  },
  {
    name: "watch lists",
    exchanges: [
      ...threeMaps,
      ...queries(
        configMaps,
        [
          "&resourceVersion=0",
          "&resourceVersion={first}",
          "&resourceVersion={third}",
          "&resourceVersion=99999999999",
          "&resourceVersionMatch=Exact",
          "&resourceVersionMatch=NotOlderThan",
          "&resourceVersion=0&resourceVersionMatch=Exact",
          "&sendInitialEvents=true",
          "&sendInitialEvents=true&resourceVersionMatch=Exact",
          "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion=0",
          "&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&resourceVersion={second}",
          "&resourceVersion={first}&labelSelector=app=web",
          "&resourceVersion={first}&fieldSelector=metadata.name=two",
          "&fieldSelector=x=1",
          "&labelSelector=-",
          "&continue=x",
          "&resourceVersion={first}&limit=1",
          "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x",
          "&resourceVersion={first}&pretty=true",
        ].map((text) => `watch=1&timeoutSeconds=1${text}`),
      ),
      get(
        `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion={first}`,
        metadata("PartialObjectMetadata"),
      ),
      get(
        `${configMaps}?watch=true&timeoutSeconds=1&resourceVersion={first}`,
        "application/json;stream=watch",
      ),
      get(`${configMaps}/one?watch=true&timeoutSeconds=1&resourceVersion={first}`),
    ],
  },
  {
    name: "watch of changes",
    exchanges: [
      ...threeMaps,
      { method: "PUT", path: `${configMaps}/one`, body: configMap("one", { app: "db" }) },
      { method: "PUT", path: `${configMaps}/three`, body: configMap("three", { app: "web" }) },
      { method: "DELETE", path: `${configMaps}/two` },
      ...queries(
        configMaps,
        [
          "",
          "&labelSelector=app=web",
          "&labelSelector=!app",
          "&fieldSelector=metadata.name=two",
          "&fieldSelector=metadata.name=one&labelSelector=app=db",
        ].map((text) => `watch=1&timeoutSeconds=1&resourceVersion={first}${text}`),
      ),
      get(
        `${configMaps}?watch=1&timeoutSeconds=1&resourceVersion={first}`,
        metadata("PartialObjectMetadata"),
      ),
    ],
  },
  {
    name: "accept for a list",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...accepts.map((accept) => get(configMaps, accept)),
    ],
  },
  {
    name: "accept for an object",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...accepts.map((accept) => get(`${configMaps}/one`, accept)),
    ],
  },
  {
    name: "refused accept for a list",
    differs: noProtobuf,
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...refusedAccepts.map((accept) => get(configMaps, accept)),
    ],
  },
  {
    name: "refused accept for an object",
    differs: noProtobuf,
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...refusedAccepts.map((accept) => get(`${configMaps}/one`, accept)),
    ],
  },
  {
    name: "accept for tables",
    differs: noDescriptions,
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...tableAccepts.flatMap((accept) => [get(configMaps, accept), get(`${configMaps}/one`, accept)]),
    ],
  },
  {
    name: "accept for what is not there",
    exchanges: accepts.map((accept) => get(`${configMaps}/none`, accept)),
  },
  {
    name: "accept for discovery",
    exchanges: ["application/json", "*/*"].flatMap((accept) =>
      ["/apis/policy", "/apis/policy/v1", "/healthz", "/openid/v1/x"].map((path) => get(path, accept)),
    ),
  },
  {
    name: "accept for writes",
    exchanges: ["application/yaml", metadata("PartialObjectMetadata")].flatMap(
      (accept, index): Exchange[] => [
        { path: configMaps, body: configMap(`a${index}`), headers: { accept } },
        { method: "PUT", path: `${configMaps}/a${index}`, body: configMap(`a${index}`), headers: { accept } },
        {
          method: "PATCH",
          path: `${configMaps}/a${index}`,
          type: "application/merge-patch+json",
          body: { data: { x: "y" } },
          headers: { accept },
        },
        { method: "DELETE", path: `${configMaps}/a${index}`, headers: { accept } },
      ],
    ),
  },
  {
    name: "pretty",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...gets([`${configMaps}?pretty=true`, `${configMaps}/one?pretty=1`, `${configMaps}/one?pretty=x`]),
    ],
  },
  ...tabled.map(([path, name, body], index): Scenario => ({
    name: `table ${index}`,
    differs: noDescriptions,
    exchanges: [
      { path, body },
      get(`${path}/${name}`, table()),
      get(`${path}?includeObject=None&fieldSelector=metadata.name=${name}`, table()),
      get(`${path}?includeObject=Object&fieldSelector=metadata.name=${name}`, table("v1beta1")),
      get(`${path}/${name}`, metadata("PartialObjectMetadata")),
      get(`${path}?fieldSelector=metadata.name=${name}`, metadata()),
    ],
  })),
  {
    name: "table options",
    differs: noDescriptions,
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...queries(
        `${configMaps}/one`,
        ["includeObject=", "includeObject=Metadata", "includeObject=Other", "includeObject=none"],
        table(),
      ),
      get(`${configMaps}/none`, table()),
      get(`${core}/secrets`, table()),
      get(pods, table()),
      get(`${configMaps}?includeObject=Other`),
      get("/apis/apps/v1/namespaces/{ns}/deployments/x/scale", table()),
    ],
  },
  {
    name: "discovery",
    exchanges: gets([
      "/api/v1",
      "/api/v1/",
      ...groupVersions.map((one) => `/apis/${one}`),
      ...[...new Set(groupVersions.map((one) => one.split("/")[0]!))].map((group) => `/apis/${group}`),
    ]),
  },
  {
    name: "aggregated discovery",
    exchanges: [get("/api", "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")],
  },
  {
    name: "aggregated discovery of groups",
    differs: ownGroup,
    exchanges: ["/apis"].flatMap((path) => [
      get(path, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"),
      get(path, "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"),
    ]),
  },
  {
    name: "health",
    exchanges: gets([
      ...["healthz", "livez", "readyz"].flatMap((one) => [
        `/${one}`,
        `/${one}/ping`,
        `/${one}/etcd`,
        `/${one}/ping?verbose`,
        `/${one}?exclude=etcd`,
        `/${one}?exclude=none`,
      ]),
    ]),
  },
  { name: "unknown", exchanges: [{ path: configMaps, body: configMap("one") }, ...gets(unknown)] },
  {
    name: "methods",
    exchanges: [
      { path: configMaps, body: configMap("one") },
      ...[
        "/api/v1",
        "/apis/apps/v1",
        "/version",
        "/healthz",
        "/x",
        pods,
        `${pods}/none`,
        `${pods}/none/status`,
        `${pods}/none/log`,
        `${pods}/none/binding`,
        "/api/v1/pods",
        "/apis/authentication.k8s.io/v1/tokenreviews",
        `${core}/nodes`,
        "/apis/other/v1/x",
      ].flatMap((path) =>
        methods(
          path,
          path.includes("namespaces") || path.includes("tokenreviews") ? otherMethods : allMethods,
        ),
      ),
    ],
  },
  { name: "own version", differs: ownVersion, exchanges: gets(["/version", "/version/"]) },
  {
    name: "empty lists",
    exchanges: gets([
      configMaps,
      pods,
      "/api/v1/namespaces/none/pods",
      "/apis/apps/v1/namespaces/{ns}/deployments",
      `${core}/serviceaccounts`,
    ]),
  },
];
