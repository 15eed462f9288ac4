import type { Exchange, Scenario } from "../exchange.ts";

const pods = "/api/v1/namespaces/{ns}/pods";

interface Parts {
  readonly pod?: object;
  readonly container?: object;
}

const pod = (name: string, { pod: more, container }: Parts) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "main", image: "busybox", ...container }], ...more },
});

/** Each is made as a pod of its own; the answer tells the defaults, or what is wrong. */
const made = (name: string, all: readonly Parts[]): Scenario => ({
  name,
  exchanges: all.map((parts, index): Exchange => ({ path: pods, body: pod(`pod-${index}`, parts) })),
});
const containers = (name: string, all: readonly object[]): Scenario =>
  made(
    name,
    all.map((container) => ({ container })),
  );
const specs = (name: string, all: readonly object[]): Scenario =>
  made(
    name,
    all.map((spec) => ({ pod: spec })),
  );
const volumes = (name: string, all: readonly object[]): Scenario =>
  specs(
    name,
    all.map((source) => ({ volumes: [{ name: "data", ...source }] })),
  );

const term = (key: string, operator: string, values?: readonly string[]) => ({
  matchExpressions: [{ key, operator, ...(values && { values }) }],
});
const nodeAffinity = (...terms: readonly object[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  },
});
const spread = (more: object) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { a: "b" } },
      ...more,
    },
  ],
});

const changes = (name: string, patches: readonly object[]): Scenario => ({
  name,
  exchanges: [
    {
      path: pods,
      body: pod("one", { container: { resources: { requests: { cpu: "1" }, limits: { cpu: "1" } } } }),
    },
    ...patches.map((body): Exchange => ({
      method: "PATCH",
      type: "application/strategic-merge-patch+json",
      path: `${pods}/one`,
      body,
    })),
  ],
});

export const scenarios: readonly Scenario[] = [
  containers("pods with resources", [
    { resources: { limits: { cpu: "1" } } },
    { resources: { requests: { cpu: "2" }, limits: { cpu: "1" } } },
    { resources: { requests: { cpu: "-1" } } },
    { resources: { requests: { "example.com/gpu": "1" } } },
    { resources: { limits: { "example.com/gpu": "1" } } },
    { resources: { limits: { "example.com/gpu": "500m" } } },
    { resources: { limits: { bogus: "1" } } },
    { resources: { limits: { memory: "100m" } } },
    { resources: { limits: { memory: "1Gi", "hugepages-2Mi": "4Mi" } } },
    { resources: { limits: { "hugepages-2Mi": "4Mi" } } },
    { resources: { limits: { memory: "1Gi", "hugepages-2Mi": "3Mi" } } },
    { resources: { requests: { "ephemeral-storage": "1e3" } } },
    { resources: { requests: { cpu: "1.23456789" } } },
    { resources: { requests: { cpu: "1Zi" } } },
    { resources: { claims: [{ name: "nobody" }] } },
  ]),
  containers("pods with probes", [
    { livenessProbe: { httpGet: { port: 80 } } },
    { livenessProbe: { httpGet: { port: "http", scheme: "FTP" } } },
    { livenessProbe: {} },
    { livenessProbe: { exec: { command: [] } } },
    { livenessProbe: { tcpSocket: { port: 0 } } },
    { livenessProbe: { tcpSocket: { port: "UPPER" } } },
    { livenessProbe: { grpc: { port: 70_000 } } },
    { livenessProbe: { grpc: { port: 70 } } },
    { livenessProbe: { exec: { command: ["a"] }, tcpSocket: { port: 1 } } },
    { livenessProbe: { exec: { command: ["a"] }, successThreshold: 2 } },
    { readinessProbe: { exec: { command: ["a"] }, terminationGracePeriodSeconds: 1 } },
    {
      startupProbe: { exec: { command: ["a"] }, failureThreshold: -1, periodSeconds: -1, timeoutSeconds: -1 },
    },
    { livenessProbe: { exec: { command: ["a"] }, terminationGracePeriodSeconds: 0 } },
    { livenessProbe: { httpGet: { port: 1, httpHeaders: [{ name: "bad header", value: "x" }] } } },
  ]),
  containers("pods with hooks", [
    { lifecycle: { preStop: { exec: { command: ["a"] } } } },
    { lifecycle: { preStop: { sleep: { seconds: -1 } } } },
    { lifecycle: { preStop: { sleep: { seconds: 31 } } } },
    { lifecycle: { preStop: {} } },
    { lifecycle: { postStart: { httpGet: { port: 80, path: "x" } } } },
    { lifecycle: { stopSignal: "SIGTERM" } },
    { lifecycle: { stopSignal: "SIGNOT" } },
  ]),
  containers("pods with environments", [
    {
      env: [
        { name: "A", value: "b" },
        { name: "A", value: "c" },
      ],
    },
    { env: [{ name: "" }] },
    { env: [{ name: "a=b", value: "1" }] },
    { env: [{ name: "A", value: "x", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] },
    { env: [{ name: "A", valueFrom: {} }] },
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.nothing" } } }] },
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels['a']" } } }] },
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }] },
    { env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "status.podIPs", apiVersion: "v2" } } }] },
    { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } }] },
    { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.bogus", divisor: "3" } } }] },
    { env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "3" } } }] },
    { env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "m", key: "" } } }] },
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "", key: "a b" } } }] },
    { envFrom: [{ configMapRef: { name: "BAD" } }, {}] },
    { envFrom: [{ prefix: "a=", secretRef: { name: "s" } }] },
    { envFrom: [{ configMapRef: { name: "a" }, secretRef: { name: "b" } }] },
  ]),
  containers("pods with containers", [
    { name: "Bad_Name" },
    { name: "" },
    { image: "" },
    { image: " busybox" },
    { image: "busybox:latest" },
    { image: "busybox:1" },
    { image: "busybox@sha256:0" },
    { imagePullPolicy: "Sometimes" },
    { terminationMessagePolicy: "Never" },
    { terminationMessagePath: "" },
    { ports: [{ containerPort: 0 }] },
    { ports: [{ containerPort: 80 }, { containerPort: 80 }] },
    {
      ports: [
        { containerPort: 80, name: "a" },
        { containerPort: 81, name: "a" },
      ],
    },
    { ports: [{ containerPort: 80, name: "toolongforaportname" }] },
    { ports: [{ containerPort: 80, protocol: "icmp" }] },
    {
      ports: [
        { containerPort: 80, hostPort: 80 },
        { containerPort: 81, hostPort: 80 },
      ],
    },
    { ports: [{ containerPort: 80, hostIP: "300.1.1.1", hostPort: 1 }] },
    { workingDir: "x", stdin: true, tty: true },
    { volumeMounts: [{ name: "none", mountPath: "/x" }] },
    { volumeMounts: [{ name: "", mountPath: "" }] },
    { volumeDevices: [{ name: "none", devicePath: "/dev/x" }] },
    { restartPolicy: "Always" },
    { resizePolicy: [{ resourceName: "cpu", restartPolicy: "Maybe" }] },
    { securityContext: { privileged: true, allowPrivilegeEscalation: false } },
    { securityContext: { capabilities: { add: ["SYS_ADMIN"] }, allowPrivilegeEscalation: false } },
    { securityContext: { runAsUser: -1, runAsGroup: -1 } },
    { securityContext: { procMount: "Some" } },
    { securityContext: { procMount: "Unmasked" } },
    { securityContext: { seccompProfile: { type: "Localhost" } } },
    { securityContext: { seccompProfile: { type: "Some", localhostProfile: "x" } } },
    { securityContext: { appArmorProfile: { type: "Localhost", localhostProfile: " " } } },
    { securityContext: { windowsOptions: { runAsUserName: "" } } },
  ]),
  specs("pods with specs", [
    { containers: [] },
    { containers: null },
    {
      containers: [
        { name: "a", image: "b" },
        { name: "a", image: "b" },
      ],
    },
    { initContainers: [{ name: "main", image: "b" }] },
    { initContainers: [{ name: "i", image: "b", restartPolicy: "Always" }] },
    { initContainers: [{ name: "i", image: "b", restartPolicy: "Never" }] },
    { initContainers: [{ name: "i", image: "b", livenessProbe: { exec: { command: ["a"] } } }] },
    { initContainers: [{ name: "i", image: "b", lifecycle: { preStop: { exec: { command: ["a"] } } } }] },
    { ephemeralContainers: [{ name: "e", image: "b" }] },
    { restartPolicy: "Sometimes" },
    { dnsPolicy: "Some" },
    { dnsPolicy: "None" },
    { dnsPolicy: "None", dnsConfig: { nameservers: ["x", "1.1.1.1", "1.1.1.2", "1.1.1.3"] } },
    { dnsConfig: { searches: ["BAD..x"], options: [{ value: "1" }] } },
    { activeDeadlineSeconds: 0 },
    { terminationGracePeriodSeconds: -1 },
    { nodeSelector: { "bad key!": "x" } },
    { nodeName: "BAD" },
    { serviceAccountName: "nobody" },
    { serviceAccountName: "BAD" },
    { hostname: "BAD_", subdomain: "x.y" },
    { hostNetwork: true, containers: [{ name: "a", image: "b", ports: [{ containerPort: 80 }] }] },
    {
      hostNetwork: true,
      containers: [{ name: "a", image: "b", ports: [{ containerPort: 80, hostPort: 81 }] }],
    },
    { hostPID: true, shareProcessNamespace: true },
    { hostUsers: false, hostNetwork: true },
    { hostAliases: [{ ip: "x", hostnames: ["BAD"] }, { ip: "" }] },
    { imagePullSecrets: [{ name: "a" }, { name: "" }] },
    { schedulerName: "" },
    { priorityClassName: "none" },
    { priority: 5 },
    { priorityClassName: "system-node-critical" },
    { runtimeClassName: "BAD" },
    { preemptionPolicy: "Never" },
    { enableServiceLinks: false, automountServiceAccountToken: false },
    { readinessGates: [{ conditionType: "bad type" }] },
    { schedulingGates: [{ name: "example.com/a" }, { name: "example.com/a" }] },
    { schedulingGates: [{ name: "example.com/a" }], nodeName: "n" },
    { os: { name: "windows" }, hostPID: true },
    { os: { name: "plan9" } },
    { os: { name: "linux" }, securityContext: { windowsOptions: { runAsUserName: "x" } } },
    { securityContext: { fsGroup: -1, supplementalGroups: [-1], fsGroupChangePolicy: "Some" } },
    {
      securityContext: {
        sysctls: [
          { name: "kernel.shm_rmid_forced", value: "1" },
          { name: "bad!", value: "" },
        ],
      },
    },
    {
      securityContext: {
        sysctls: [
          { name: "a.b", value: "1" },
          { name: "a.b", value: "1" },
        ],
      },
    },
    { securityContext: { supplementalGroupsPolicy: "Some" } },
    { securityContext: { runAsNonRoot: true, runAsUser: 0 } },
    { setHostnameAsFQDN: true, overhead: { cpu: "1" } },
    { resources: { limits: { cpu: "2" } } },
    { resources: { limits: { cpu: "2", "example.com/x": "1" } } },
    { resourceClaims: [{ name: "a" }] },
    {
      resourceClaims: [
        { name: "a", resourceClaimName: "b" },
        { name: "a", resourceClaimName: "c" },
      ],
    },
  ]),
  specs("pods with tolerations", [
    { tolerations: [{ operator: "Exists" }] },
    { tolerations: [{ key: "", operator: "Equal" }] },
    { tolerations: [{ key: "a", operator: "Exists", value: "b" }] },
    { tolerations: [{ key: "a", operator: "Likes" }] },
    { tolerations: [{ key: "a", effect: "NoSchedule", tolerationSeconds: 1 }] },
    { tolerations: [{ key: "a", operator: "Gt", value: "x" }] },
    { tolerations: [{ key: "bad key", effect: "Some" }] },
  ]),
  specs("pods with affinity", [
    nodeAffinity(),
    nodeAffinity({}),
    nodeAffinity(term("a", "In")),
    nodeAffinity(term("a", "In", ["b"])),
    nodeAffinity(term("a", "Exists", ["b"])),
    nodeAffinity(term("a", "Gt", ["b", "c"])),
    nodeAffinity(term("a", "Likes", ["b"])),
    nodeAffinity(term("bad key", "In", ["bad value!"])),
    nodeAffinity({ matchFields: [{ key: "metadata.name", operator: "In", values: ["a", "b"] }] }),
    nodeAffinity({ matchFields: [{ key: "metadata.uid", operator: "In", values: ["a"] }] }),
    {
      affinity: {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 0, preference: {} }] },
      },
    },
    { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "" }] } } },
    {
      affinity: {
        podAntiAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            {
              weight: 101,
              podAffinityTerm: { topologyKey: "z", namespaces: ["BAD"], matchLabelKeys: ["x"] },
            },
          ],
        },
      },
    },
  ]),
  specs("pods spread", [
    spread({}),
    spread({ maxSkew: 0 }),
    spread({ topologyKey: "" }),
    spread({ whenUnsatisfiable: "Some" }),
    spread({ minDomains: 0 }),
    spread({ minDomains: 2, whenUnsatisfiable: "ScheduleAnyway" }),
    spread({ nodeAffinityPolicy: "Some", nodeTaintsPolicy: "Some" }),
    spread({ matchLabelKeys: ["a"] }),
    spread({ labelSelector: { matchExpressions: [{ key: "a", operator: "In" }] } }),
    {
      topologySpreadConstraints: [
        ...spread({}).topologySpreadConstraints,
        ...spread({}).topologySpreadConstraints,
      ],
    },
  ]),
  volumes("pods with volumes", [
    {},
    { emptyDir: {} },
    { emptyDir: { sizeLimit: "-1" } },
    { emptyDir: { medium: "Disk" } },
    { emptyDir: {}, hostPath: { path: "/x" } },
    { hostPath: { path: "" } },
    { hostPath: { path: "/a/../b" } },
    { hostPath: { path: "/a", type: "Some" } },
    { configMap: { name: "" } },
    { configMap: { name: "m", defaultMode: 4096 } },
    {
      configMap: {
        name: "m",
        items: [
          { key: "", path: "/a" },
          { key: "b", path: "../a" },
        ],
      },
    },
    { secret: { secretName: "" } },
    { secret: { secretName: "s", items: [{ key: "k", path: "p", mode: -1 }] } },
    { downwardAPI: { items: [{ path: "a" }] } },
    { downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "spec.nodeName" } }] } },
    { projected: { sources: [{ serviceAccountToken: { path: "" } }] } },
    { projected: { sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 1 } }] } },
    { projected: { sources: [{ secret: { name: "a" }, configMap: { name: "b" } }] } },
    { projected: { sources: [{ clusterTrustBundle: { path: "p" } }] } },
    { projected: { sources: [] } },
    { persistentVolumeClaim: { claimName: "" } },
    { persistentVolumeClaim: { claimName: "c" } },
    { ephemeral: {} },
    { ephemeral: { volumeClaimTemplate: { spec: {} } } },
    { csi: { driver: "" } },
    { csi: { driver: "bad driver!" } },
    { nfs: { server: "", path: "x" } },
    { iscsi: { targetPortal: "", iqn: "x", lun: 300 } },
    { image: { reference: "" } },
    { image: { reference: "busybox", pullPolicy: "Some" } },
    { gitRepo: { repository: "", directory: "../x" } },
    { rbd: { monitors: [], image: "" } },
    { azureDisk: { diskName: "", diskURI: "" } },
    { bogus: {} },
  ]),
  changes("changes of a pod", [
    { spec: { containers: [{ name: "main", image: "other" }] } },
    { spec: { containers: [{ name: "main", image: "" }] } },
    { spec: { containers: [{ name: "main", command: ["x"] }] } },
    { spec: { containers: [{ name: "two", image: "x" }] } },
    { spec: { containers: [{ name: "main", resources: { limits: { cpu: "2" } } }] } },
    { spec: { activeDeadlineSeconds: 10 } },
    { spec: { activeDeadlineSeconds: 20 } },
    { spec: { activeDeadlineSeconds: null } },
    { spec: { tolerations: [{ key: "x", operator: "Exists" }] } },
    { spec: { terminationGracePeriodSeconds: 1 } },
    { spec: { nodeName: "n" } },
    { spec: { restartPolicy: "Never" } },
    { metadata: { labels: { "bad key": "x" } } },
    { metadata: { name: "two" } },
    { metadata: { uid: "other" } },
    { status: { phase: "Running" } },
  ]),
  {
    name: "subresources of a pod",
    exchanges: [
      { path: pods, body: pod("one", {}) },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [{ name: "main", image: "x" }] } },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [{ name: "debug", image: "x", targetContainerName: "none" }] } },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: {
          spec: { ephemeralContainers: [{ name: "debug", image: "x", ports: [{ containerPort: 1 }] }] },
        },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/ephemeralcontainers`,
        body: { spec: { ephemeralContainers: [{ name: "debug", image: "x", targetContainerName: "main" }] } },
      },
      {
        method: "PATCH",
        type: "application/strategic-merge-patch+json",
        path: `${pods}/one/resize`,
        body: { spec: { containers: [{ name: "main", resources: { requests: { cpu: "1" } } }] } },
      },
      { path: `${pods}/one/binding`, body: { target: {} } },
      { path: `${pods}/one/binding`, body: { target: { kind: "Pod", name: "n" } } },
      { path: `${pods}/one/binding`, body: { target: { kind: "Node", name: "n" } } },
      { path: `${pods}/one/binding`, body: { target: { kind: "Node", name: "n" } } },
      { path: `${pods}/none/binding`, body: { target: { kind: "Node", name: "n" } } },
      {
        method: "PATCH",
        type: "application/merge-patch+json",
        path: `${pods}/one/status`,
        body: { status: { phase: "Dancing" } },
      },
      {
        method: "PATCH",
        type: "application/merge-patch+json",
        path: `${pods}/one/status`,
        body: { status: { phase: "Running" } },
      },
      {
        path: `${pods}/one/eviction`,
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "two" } },
      },
      {
        path: `${pods}/one/eviction`,
        body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "one" } },
      },
      { path: `${pods}/one` },
    ],
  },
];
