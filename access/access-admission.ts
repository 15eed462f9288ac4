import { as } from "../as-user.ts";
import type { Exchange, Scenario } from "../exchange.ts";

const core = "/api/v1/namespaces/{ns}";
const merge = "application/merge-patch+json";
const pod = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
const make = (name: string, spec: object = {}, metadata: object = {}): Exchange => ({
  path: `${core}/pods`,
  body: pod(name, spec, metadata),
});
const object = (apiVersion: string, kind: string, name: string, more: object = {}): object => ({
  apiVersion,
  kind,
  metadata: { name },
  ...more,
});
const level = (labels: Record<string, string>, query = ""): Exchange => ({
  method: "PATCH",
  path: `/api/v1/namespaces/{ns}${query}`,
  type: merge,
  body: {
    metadata: {
      labels: Object.fromEntries(
        Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
      ),
    },
  },
});
const container = (name: string, more: object = {}): object => ({ name, image: "i", ...more });
const safe = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};
const template = (spec: object = {}): object => ({
  metadata: { labels: { a: "b" } },
  spec: { containers: [container("c")], ...spec },
});
const deployment = (name: string, spec: object = {}): Exchange => ({
  path: "/apis/apps/v1/namespaces/{ns}/deployments?dryRun=All",
  body: object("apps/v1", "Deployment", name, {
    spec: { selector: { matchLabels: { a: "b" } }, template: template(spec) },
  }),
});

const insecure: Record<string, object> = {
  plain: {},
  host: { hostNetwork: true, hostPID: true, hostIPC: true },
  privileged: { containers: [container("c", { securityContext: { privileged: true } })] },
  capabilities: {
    containers: [
      container("c", { securityContext: { capabilities: { add: ["NET_ADMIN", "SYS_TIME", "CHOWN"] } } }),
    ],
    initContainers: [container("i", { securityContext: { capabilities: { add: ["NET_RAW"] } } })],
  },
  paths: {
    volumes: [
      { name: "a", hostPath: { path: "/" } },
      { name: "b", hostPath: { path: "/x" } },
      { name: "n", nfs: { server: "s", path: "/" } },
    ],
  },
  ports: {
    containers: [
      container("c", {
        ports: [
          { containerPort: 1, hostPort: 1 },
          { containerPort: 2, hostPort: 2 },
        ],
      }),
    ],
  },
  linux: {
    securityContext: {
      seLinuxOptions: { type: "x", user: "u", role: "r" },
      sysctls: [{ name: "kernel.msgmax", value: "1" }],
      seccompProfile: { type: "Unconfined" },
    },
  },
  mount: {
    containers: [
      container("c", { securityContext: { procMount: "Unmasked", seLinuxOptions: { type: "y" } } }),
    ],
    hostUsers: false,
  },
  process: {
    securityContext: { windowsOptions: { hostProcess: true, runAsUserName: "x" } },
    hostNetwork: true,
  },
  root: {
    securityContext: { runAsUser: 0, runAsNonRoot: false },
    containers: [
      container("c", { securityContext: { runAsUser: 0 } }),
      container("d", { securityContext: { ...safe, capabilities: { add: ["CHOWN"], drop: ["ALL"] } } }),
    ],
  },
  armour: { containers: [container("c", { securityContext: { appArmorProfile: { type: "Unconfined" } } })] },
  probe: { containers: [container("c", { livenessProbe: { httpGet: { port: 1, host: "example.com" } } })] },
  safe: { containers: [container("c", { securityContext: safe })] },
  halves: {
    securityContext: { runAsNonRoot: true },
    containers: [
      container("c", { securityContext: { allowPrivilegeEscalation: false } }),
      container("d", { securityContext: safe }),
    ],
  },
};

const quota = (name: string, hard: object, more: object = {}): Exchange[] => [
  { path: `${core}/resourcequotas`, body: object("v1", "ResourceQuota", name, { spec: { hard, ...more } }) },
  {
    method: "PATCH",
    path: `${core}/resourcequotas/${name}/status`,
    type: merge,
    body: { status: { hard, used: Object.fromEntries(Object.keys(hard).map((key) => [key, "0"])) } },
  },
];
const sized = (requests: object, limits: object = {}): object => ({
  containers: [container("c", { resources: { requests, limits } })],
});

export const scenarios: readonly Scenario[] = [
  ...["privileged", "baseline", "restricted"].map((name) => ({
    name: `pod security ${name}`,
    exchanges: [
      level({ enforce: name }),
      ...Object.entries(insecure).map(([called, spec]) => make(called, spec)),
    ],
  })),
  {
    name: "pod security warnings",
    exchanges: [
      level({ warn: "restricted", audit: "baseline" }),
      ...Object.entries(insecure).map(([name, spec]) => make(name, spec)),
      ...Object.entries(insecure).map(([name, spec]) => deployment(name, spec)),
      level({ enforce: "restricted" }, "?dryRun=All"),
      level({ enforce: "baseline" }),
      make("another", { hostNetwork: true }),
      deployment("another", { hostNetwork: true }),
    ],
  },
  {
    name: "pod security labels",
    exchanges: [
      level({ enforce: "strict" }),
      level({ enforce: "baseline", "enforce-version": "v9" }),
      level({ enforce: "baseline", "enforce-version": "1.30" }),
      level({ "warn-version": "latest", warn: "" }),
      level({ enforce: "restricted", "enforce-version": "v1.0" }),
      make("old"),
      level({ enforce: "restricted", "enforce-version": "v1.24" }),
      make("middle", { os: { name: "windows" } }),
      level({ enforce: "restricted", "enforce-version": "v1.99" }),
      make("new"),
    ],
  },
  {
    name: "namespaces that are not there or go",
    exchanges: [
      { path: "/api/v1/namespaces/access-nowhere/configmaps", body: object("v1", "ConfigMap", "a") },
      { path: "/api/v1/namespaces/access-nowhere/configmaps" },
      { method: "DELETE", path: "/api/v1/namespaces/access-nowhere/configmaps/a" },
      {
        method: "PATCH",
        path: "/api/v1/namespaces/access-nowhere/configmaps/a?fieldManager=m",
        type: "application/apply-patch+yaml",
        body: object("v1", "ConfigMap", "a"),
      },
      {
        path: `${core}/configmaps`,
        body: object("v1", "ConfigMap", "a", { metadata: { name: "a", namespace: "other" } }),
      },
      { method: "DELETE", path: "/api/v1/namespaces/default" },
      { method: "DELETE", path: "/api/v1/namespaces/kube-system" },
      { method: "DELETE", path: "/api/v1/namespaces/kube-public" },
      { method: "DELETE", path: "/api/v1/namespaces/kube-node-lease?dryRun=All" },
      { method: "DELETE", path: "/api/v1/namespaces/{ns}" },
      { path: `${core}/configmaps`, body: object("v1", "ConfigMap", "a") },
      make("p"),
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: object("apps/v1", "Deployment", "x", {
          spec: { selector: { matchLabels: { a: "b" } }, template: template() },
        }),
      },
      {
        method: "PATCH",
        path: `${core}/serviceaccounts/default`,
        type: merge,
        body: { metadata: { labels: { a: "b" } } },
      },
      {
        path: `/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews`,
        body: object("authorization.k8s.io/v1", "LocalSubjectAccessReview", "", {
          metadata: {},
          spec: { user: "a", resourceAttributes: { namespace: "{ns}" } },
        }),
      },
    ],
  },
  {
    name: "service accounts of pods",
    exchanges: [
      make("none", { serviceAccountName: "missing" }),
      make("both", { serviceAccountName: "default", serviceAccount: "default" }),
      make("off", { automountServiceAccountToken: false }),
      make("mounted", {
        containers: [
          container("c", {
            volumeMounts: [{ name: "v", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
          }),
        ],
        volumes: [{ name: "v", emptyDir: {} }],
      }),
      make("inits", { initContainers: [container("i")] }),
      make("mirror", {}, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      make(
        "mirror",
        { serviceAccountName: "default" },
        { annotations: { "kubernetes.io/config.mirror": "x" } },
      ),
      make(
        "mirror",
        { nodeName: "n", volumes: [{ name: "s", secret: { secretName: "s" } }] },
        { annotations: { "kubernetes.io/config.mirror": "x" } },
      ),
      {
        path: `${core}/serviceaccounts`,
        body: object("v1", "ServiceAccount", "puller", {
          imagePullSecrets: [{ name: "a" }],
          automountServiceAccountToken: false,
          secrets: [{ name: "only" }],
          metadata: { name: "puller", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
        }),
      },
      make("pulls", { serviceAccountName: "puller" }),
      make("secret", {
        serviceAccountName: "puller",
        volumes: [{ name: "s", secret: { secretName: "other" } }],
      }),
      make("env", {
        serviceAccountName: "puller",
        containers: [
          container("c", { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "other", key: "k" } } }] }),
        ],
      }),
      make("from", {
        serviceAccountName: "puller",
        initContainers: [container("c", { envFrom: [{ secretRef: { name: "other" } }] })],
      }),
      make("image", { serviceAccountName: "puller", imagePullSecrets: [{ name: "b" }] }),
    ],
  },
  {
    name: "limit ranges",
    exchanges: [
      {
        path: `${core}/limitranges`,
        body: object("v1", "LimitRange", "l", {
          spec: {
            limits: [
              {
                type: "Container",
                max: { cpu: "2", memory: "1Gi" },
                min: { cpu: "100m" },
                default: { cpu: "1" },
                defaultRequest: { cpu: "200m" },
                maxLimitRequestRatio: { cpu: "4" },
              },
              { type: "Pod", max: { cpu: "3" }, maxLimitRequestRatio: { memory: "2" } },
              { type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } },
            ],
          },
        }),
      },
      make("defaults"),
      make("memory", sized({}, { memory: "512Mi" })),
      make("less", sized({ cpu: "50m", memory: "1Gi" }, { memory: "1Gi" })),
      make("more", sized({ cpu: "1", memory: "2Gi" }, { cpu: "4", memory: "2Gi" })),
      make("ratio", sized({ cpu: "100m", memory: "10Mi" }, { cpu: "1", memory: "1Gi" })),
      make("pod", {
        containers: [
          container("c", { resources: { limits: { cpu: "2", memory: "1Gi" } } }),
          container("d", { resources: { limits: { cpu: "2", memory: "1Mi" } } }),
        ],
      }),
      ...["500Mi", "1Gi", "3Gi"].map((storage) => ({
        path: `${core}/persistentvolumeclaims`,
        body: object("v1", "PersistentVolumeClaim", `c-${storage.toLowerCase()}`, {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
        }),
      })),
    ],
  },
  {
    name: "wrong limit ranges",
    exchanges: [
      { type: "Container", max: { cpu: "1" }, min: { cpu: "2" } },
      { type: "Container", default: { cpu: "1" }, defaultRequest: { cpu: "2" } },
      {
        type: "Container",
        max: { cpu: "1" },
        default: { cpu: "2" },
        min: { cpu: "1" },
        defaultRequest: { cpu: "500m" },
      },
      { type: "Pod", default: { cpu: "1" } },
      { type: "Pod", defaultRequest: { cpu: "1" } },
      { type: "PersistentVolumeClaim" },
      { type: "Odd" },
      { type: "example.com/Odd", max: { cpu: "1" } },
      { type: "" },
      { type: "Container", maxLimitRequestRatio: { cpu: "500m" } },
      { type: "Container", max: { cpu: "2" }, min: { cpu: "1" }, maxLimitRequestRatio: { cpu: "4" } },
      { type: "Container", max: { "a b": "1" } },
      { type: "Container", max: { cpu: "-1" } },
      { type: "Container", max: { cpu: "1" } },
    ].map((limit, at) => ({
      path: `${core}/limitranges?dryRun=All`,
      body: object("v1", "LimitRange", `l${at}`, { spec: { limits: [limit] } }),
    })),
  },
  {
    name: "resource quotas",
    exchanges: [
      ...quota("q", {
        pods: "2",
        "requests.cpu": "1",
        "limits.memory": "1Gi",
        configmaps: "1",
        "services.nodeports": "1",
        "count/deployments.apps": "1",
        "requests.storage": "1Gi",
      }),
      make("without"),
      make("requests", sized({ cpu: "500m" })),
      make("fits", sized({ cpu: "500m" }, { memory: "500Mi" })),
      make("much", sized({ cpu: "600m" }, { memory: "600Mi" })),
      make("second", sized({ cpu: "100m" }, { memory: "100Mi" })),
      make("third", sized({ cpu: "100m" }, { memory: "100Mi" })),
      { path: `${core}/configmaps`, body: object("v1", "ConfigMap", "one") },
      { path: `${core}/configmaps`, body: object("v1", "ConfigMap", "two") },
      { path: `${core}/configmaps?dryRun=All`, body: object("v1", "ConfigMap", "two") },
      {
        path: `${core}/services`,
        body: object("v1", "Service", "s", {
          spec: { type: "NodePort", ports: [{ port: 1 }, { name: "b", port: 2 }] },
        }),
      },
      {
        path: `${core}/persistentvolumeclaims`,
        body: object("v1", "PersistentVolumeClaim", "c", {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } } },
        }),
      },
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: object("apps/v1", "Deployment", "x", {
          spec: { selector: { matchLabels: { a: "b" } }, template: template() },
        }),
      },
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: object("apps/v1", "Deployment", "y", {
          spec: { selector: { matchLabels: { a: "b" } }, template: template() },
        }),
      },
      { path: `${core}/resourcequotas/q` },
    ],
  },
  {
    name: "scoped resource quotas",
    exchanges: [
      ...quota("effort", { pods: "0" }, { scopes: ["BestEffort"] }),
      ...quota(
        "classes",
        { pods: "0" },
        {
          scopeSelector: {
            matchExpressions: [
              { scopeName: "PriorityClass", operator: "In", values: ["system-node-critical"] },
            ],
          },
        },
      ),
      ...quota("ends", { pods: "0" }, { scopes: ["Terminating"] }),
      make("effort"),
      make("burst", sized({ cpu: "1" })),
      make("ends", { activeDeadlineSeconds: 5, ...sized({ cpu: "1" }) }),
      make("critical", { priorityClassName: "system-node-critical", ...sized({ cpu: "1" }) }),
    ],
  },
  {
    name: "wrong resource quotas",
    exchanges: [
      { hard: { pods: "-1" } },
      { hard: { pods: "1500m" } },
      { hard: { unknown: "1" } },
      { hard: { "example.com/x": "1" } },
      { hard: { "requests.example.com/x": "1", "limits.example.com/x": "1" } },
      { hard: { "count/": "1" } },
      { hard: { pods: "1" }, scopes: ["Odd"] },
      { hard: { configmaps: "1" }, scopes: ["BestEffort"] },
      { hard: { pods: "1" }, scopes: ["BestEffort", "NotBestEffort"] },
      { hard: { pods: "1" }, scopes: ["Terminating", "NotTerminating"] },
      { hard: { "requests.cpu": "1" }, scopes: ["BestEffort"] },
      {
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] },
      },
      {
        hard: { pods: "1" },
        scopeSelector: {
          matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists", values: ["x"] }],
        },
      },
      {
        hard: { pods: "1" },
        scopeSelector: { matchExpressions: [{ scopeName: "BestEffort", operator: "In", values: ["x"] }] },
      },
      { hard: { pods: "1" }, scopeSelector: { matchExpressions: [{ scopeName: "Odd", operator: "Near" }] } },
    ].map((spec, at) => ({
      path: `${core}/resourcequotas?dryRun=All`,
      body: object("v1", "ResourceQuota", `q${at}`, { spec }),
    })),
  },
  {
    name: "priorities",
    exchanges: [
      make("none"),
      make("critical", { priorityClassName: "system-node-critical" }),
      make("missing", { priorityClassName: "missing" }),
      make("number", { priority: 5 }),
      make("policy", { preemptionPolicy: "Never" }),
      make("wrong", { priority: 5, priorityClassName: "system-cluster-critical" }),
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "access-usual", {
          value: 7,
          globalDefault: true,
          preemptionPolicy: "Never",
        }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "access-second", {
          value: 8,
          globalDefault: true,
        }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "system-mine", { value: 8 }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "access-high", { value: 1_000_000_001 }),
      },
      {
        path: "/apis/scheduling.k8s.io/v1/priorityclasses",
        body: object("scheduling.k8s.io/v1", "PriorityClass", "access-odd", {
          value: 1,
          preemptionPolicy: "Maybe",
        }),
      },
      {
        method: "PATCH",
        path: "/apis/scheduling.k8s.io/v1/priorityclasses/access-usual",
        type: merge,
        body: { value: 8 },
      },
      {
        method: "PATCH",
        path: "/apis/scheduling.k8s.io/v1/priorityclasses/access-usual",
        type: merge,
        body: { preemptionPolicy: "PreemptLowerPriority" },
      },
      make("default"),
      make("both", { priority: 9 }),
      { method: "DELETE", path: "/apis/scheduling.k8s.io/v1/priorityclasses/access-usual" },
      { method: "DELETE", path: "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical" },
      { path: "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical" },
      { path: "/apis/scheduling.k8s.io/v1/priorityclasses/system-cluster-critical" },
    ],
  },
  {
    name: "runtime classes",
    exchanges: [
      make("missing", { runtimeClassName: "access-missing" }),
      {
        path: "/apis/node.k8s.io/v1/runtimeclasses",
        body: object("node.k8s.io/v1", "RuntimeClass", "access-r", {
          handler: "runc",
          overhead: { podFixed: { cpu: "10m" } },
          scheduling: { nodeSelector: { a: "b" }, tolerations: [{ key: "t", operator: "Exists" }] },
        }),
      },
      make("fits", {
        runtimeClassName: "access-r",
        nodeSelector: { c: "d" },
        tolerations: [{ key: "x", operator: "Exists" }],
      }),
      make("conflict", { runtimeClassName: "access-r", nodeSelector: { a: "other" } }),
      make("overhead", { runtimeClassName: "access-r", overhead: { cpu: "20m" } }),
      make("alone", { overhead: { cpu: "20m" } }),
    ],
  },
  {
    name: "default storage classes",
    exchanges: [
      ...["access-a", "access-b"].map((name) => ({
        path: "/apis/storage.k8s.io/v1/storageclasses",
        body: {
          ...object("storage.k8s.io/v1", "StorageClass", name, { provisioner: "x.example.com" }),
          metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        },
      })),
      ...[{}, { storageClassName: "" }, { storageClassName: "none" }].map((more, at) => ({
        path: `${core}/persistentvolumeclaims?dryRun=All`,
        body: object("v1", "PersistentVolumeClaim", `c${at}`, {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "2Gi" } }, ...more },
        }),
      })),
      ...["access-a", "access-b"].map((name) => ({
        method: "DELETE",
        path: `/apis/storage.k8s.io/v1/storageclasses/${name}`,
      })),
    ],
  },
  {
    name: "default tolerations",
    exchanges: [
      make("a", {
        tolerations: [
          {
            key: "node.kubernetes.io/not-ready",
            operator: "Exists",
            effect: "NoExecute",
            tolerationSeconds: 5,
          },
        ],
      }),
      make("b", { tolerations: [{ operator: "Exists" }] }),
      make("c", { tolerations: [{ key: "node.kubernetes.io/unreachable", operator: "Exists" }] }),
    ],
  },
  {
    name: "what a node may do",
    exchanges: [
      as("system:node:n1", { path: "/api/v1/nodes", body: object("v1", "Node", "n1") }),
      as("system:node:n1", { path: "/api/v1/nodes", body: object("v1", "Node", "n2") }),
      { path: "/api/v1/nodes", body: object("v1", "Node", "n2") },
      as("system:node:n1", { path: "/api/v1/nodes/n1" }),
      as("system:node:n1", { path: "/api/v1/nodes/n2" }),
      as("system:node:n1", { path: "/api/v1/nodes" }),
      as("system:node:n1", {
        method: "PATCH",
        path: "/api/v1/nodes/n2",
        type: merge,
        body: { metadata: { labels: { a: "b" } } },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: "/api/v1/nodes/n1",
        type: merge,
        body: {
          metadata: { labels: { a: "b", "kubernetes.io/odd": "x", "node-restriction.kubernetes.io/a": "b" } },
        },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: "/api/v1/nodes/n1",
        type: merge,
        body: { metadata: { labels: { a: "b", "node.kubernetes.io/odd": "x" } } },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: "/api/v1/nodes/n1",
        type: merge,
        body: { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: "/api/v1/nodes/n1",
        type: merge,
        body: { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "a", uid: "b" }] } },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: "/api/v1/nodes/n1/status",
        type: merge,
        body: { status: { capacity: { cpu: "1" } } },
      }),
      as("system:node:n1", { method: "PATCH", path: "/api/v1/nodes/n2/status", type: merge, body: {} }),
      as("system:node:n1", { method: "DELETE", path: "/api/v1/nodes/n1" }),
      make("mine", { nodeName: "n1", volumes: [{ name: "s", secret: { secretName: "s" } }] }),
      make("other", { nodeName: "n2" }),
      as("system:node:n1", { path: `${core}/pods/mine` }),
      as("system:node:n1", { path: `${core}/pods/other` }),
      as("system:node:n1", { path: "/api/v1/pods" }),
      as("system:node:n1", { path: `/api/v1/pods?fieldSelector=spec.nodeName%3Dn1` }),
      as("system:node:n1", { path: `/api/v1/pods?fieldSelector=spec.nodeName%3Dn2` }),
      as("system:node:n1", { path: `${core}/secrets/s` }),
      as("system:node:n1", { path: `${core}/secrets/t` }),
      as("system:node:n1", { path: `${core}/configmaps/kube-root-ca.crt` }),
      as("system:node:n1", { path: `${core}/configmaps` }),
      as("system:node:n1", make("new")),
      as(
        "system:node:n1",
        make("new", { nodeName: "n1" }, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      ),
      as(
        "system:node:n1",
        make("new", { nodeName: "n2" }, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      ),
      as("system:node:n1", {
        method: "PATCH",
        path: `${core}/pods/mine/status`,
        type: merge,
        body: { status: { phase: "Running" } },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: `${core}/pods/mine/status`,
        type: merge,
        body: { metadata: { labels: { x: "y" } } },
      }),
      as("system:node:n1", {
        method: "PATCH",
        path: `${core}/pods/other/status`,
        type: merge,
        body: { status: { phase: "Running" } },
      }),
      as("system:node:n1", { method: "DELETE", path: `${core}/pods/other` }),
      as("system:node:n1", {
        path: `${core}/pods/mine/eviction`,
        body: object("policy/v1", "Eviction", "mine"),
      }),
      as("system:node:n1", {
        path: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
        body: object("coordination.k8s.io/v1", "Lease", "n2"),
      }),
      as("system:node:n1", {
        path: `/apis/coordination.k8s.io/v1/namespaces/{ns}/leases`,
        body: object("coordination.k8s.io/v1", "Lease", "n1"),
      }),
      as("system:node:n1", {
        path: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
        body: object("coordination.k8s.io/v1", "Lease", "n1", { spec: { holderIdentity: "n1" } }),
      }),
      as("system:node:n1", {
        path: "/apis/storage.k8s.io/v1/csinodes",
        body: object("storage.k8s.io/v1", "CSINode", "n2", { spec: { drivers: [] } }),
      }),
      as("system:node:n1", {
        path: "/apis/storage.k8s.io/v1/csinodes",
        body: object("storage.k8s.io/v1", "CSINode", "n1", { spec: { drivers: [] } }),
      }),
      as("system:node:n1", { path: "/apis/apps/v1/deployments" }),
      as("system:node:n1", { path: "/api/v1/services" }),
      as("system:node:", { path: "/api/v1/nodes/n1" }),
      as("ann", { path: "/api/v1/nodes/n1" }, { group: "system:nodes" }),
    ],
  },
];
