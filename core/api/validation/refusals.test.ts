import { expect, test } from "vitest";
import {
  type Loose,
  wrong,
  container,
  pod,
  inContainer,
  selecting,
  job,
  cron,
  service,
  scaler,
  path,
  slice,
} from "./objects-under-test.ts";

test.each<[kind: string, object: Loose, ...sentences: string[]]>([
  [
    "v1/pods",
    pod({ hostPID: true, shareProcessNamespace: true }),
    "spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
  ],
  [
    "v1/pods",
    pod({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "z", whenUnsatisfiable: "ScheduleAnyway", minDomains: 2 },
      ],
    }),
    "spec.topologySpreadConstraints[0].minDomains: Invalid value: 2: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
  ],
  [
    "v1/pods",
    pod({
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [] } },
      },
    }),
    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
  ],
  [
    "v1/pods",
    pod({ os: { name: "linux" }, securityContext: { windowsOptions: {} } }),
    "spec.securityContext.windowsOptions: Forbidden: windows options cannot be set for a linux pod",
  ],
  [
    "v1/pods",
    pod({ securityContext: { seccompProfile: { type: "Localhost" } } }),
    "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when seccomp type is Localhost",
  ],
  [
    "v1/pods",
    pod({ securityContext: { sysctls: [{ name: "a..b", value: "1" }] } }),
    'spec.securityContext.sysctls[0].name: Invalid value: "a..b": must have at most 253 characters',
  ],
  [
    "v1/pods",
    pod({ securityContext: { fsGroup: -1 } }),
    "spec.securityContext.fsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive",
  ],
  [
    "v1/pods",
    pod({ dnsConfig: { nameservers: ["1.1.1.1", "1.1.1.2", "1.1.1.3", "1.1.1.4"] } }),
    "must not have more than 3 nameservers",
  ],
  [
    "v1/pods",
    pod({ ephemeralContainers: [{ ...container, name: "b" }] }),
    "spec.ephemeralContainers: Forbidden: cannot be set on create",
  ],
  [
    "v1/pods",
    inContainer({ resources: { claims: [{ name: "c" }] } }),
    'spec.containers[0].resources.claims[0]: Not found: "c"',
  ],
  [
    "v1/pods",
    inContainer({ resources: { limits: { storage: "1Gi" } } }),
    'spec.containers[0].resources.limits[storage]: Invalid value: "storage": must be a standard resource for containers',
  ],
  [
    "v1/pods",
    inContainer({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.x" } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x"',
  ],
  [
    "v1/pods",
    inContainer({ envFrom: [{}] }),
    'spec.containers[0].envFrom: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
  [
    "v1/pods",
    inContainer({ readinessProbe: { exec: { command: ["x"] }, terminationGracePeriodSeconds: 3 } }),
    "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 3: must not be set for readinessProbes",
  ],
  [
    "v1/pods",
    inContainer({ livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "c" }] } } }),
    'spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: "a b": a valid HTTP header must consist of',
  ],
  [
    "v1/pods",
    pod({
      volumes: [{ name: "v", emptyDir: {} }],
      containers: [
        { ...container, volumeMounts: [{ name: "v", mountPath: "/v", mountPropagation: "Bidirectional" }] },
      ],
    }),
    "mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers",
  ],
  [
    "v1/services",
    service({ externalTrafficPolicy: "Local" }),
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  [
    "v1/services",
    service({ loadBalancerClass: "a/b" }),
    "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'",
  ],
  [
    "v1/services",
    service({ externalIPs: ["127.0.0.1"] }),
    'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    "v1/services",
    service({ trafficDistribution: "Near" }),
    'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameZone", "PreferSameNode"',
  ],
  [
    "v1/endpoints",
    { subsets: [{ ports: [{ port: 80 }] }] },
    "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
  ],
  [
    "discovery.k8s.io/v1/endpointslices",
    slice("::5"),
    'endpoints[0].addresses: Invalid value: "::5": must be an IPv4 address',
  ],
  [
    "v1/resourcequotas",
    { spec: { hard: { rockets: "1" } } },
    'spec.hard[rockets]: Invalid value: "rockets": must be a standard resource for quota',
  ],
  ["v1/resourcequotas", { spec: { scopes: ["BestEffort", "NotBestEffort"] } }, "conflicting scopes"],
  [
    "v1/limitranges",
    { spec: { limits: [{ type: "PersistentVolumeClaim" }] } },
    "either minimum or maximum storage value is required, but neither was provided",
  ],
  [
    "v1/limitranges",
    { spec: { limits: [{ type: "Container", max: { cpu: "1" }, default: { cpu: "2" } }] } },
    'spec.limits[0].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1',
  ],
  [
    "v1/limitranges",
    { spec: { limits: [{ type: "Pod" }, { type: "Pod" }] } },
    'spec.limits[1].type: Duplicate value: "Pod"',
  ],
  [
    "v1/nodes",
    { spec: { podCIDRs: ["10.0.0.0/24", "10.0.1.0/24"] } },
    "may specify no more than one CIDR for each IP family",
  ],
  ["v1/pods", {}, "spec.containers: Required value"],
  [
    "apps/v1/statefulsets",
    selecting({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } }),
    'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
  ],
  [
    "apps/v1/daemonsets",
    selecting({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } }),
    "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero",
  ],
  [
    "apps/v1/controllerrevisions",
    { revision: -1 },
    "data: Required value: data is mandatory",
    "revision: Invalid value: -1: must be greater than or equal to 0",
  ],
  [
    "batch/v1/jobs",
    job({ maxFailedIndexes: 1 }),
    "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
  ],
  [
    "batch/v1/jobs",
    job({ podFailurePolicy: { rules: [{ action: "FailJob" }] } }),
    "specifying one of OnExitCodes and OnPodConditions is required",
  ],
  [
    "batch/v1/cronjobs",
    cron({ schedule: "61 * * * *" }),
    'spec.schedule: Invalid value: "61 * * * *": end of range (61) above maximum (59): 61',
  ],
  [
    "batch/v1/cronjobs",
    cron({ timeZone: "Mars/Olympus" }),
    'spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
  ],
  [
    "autoscaling/v2/horizontalpodautoscalers",
    scaler({ minReplicas: 0 }),
    "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
  ],
  [
    "autoscaling/v2/horizontalpodautoscalers",
    scaler({ metrics: [{ type: "Pods" }] }),
    "spec.metrics[0].pods: Required value: must populate information for the given metric source",
  ],
  [
    "autoscaling/v2/horizontalpodautoscalers",
    scaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 4000 } } }),
    "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be less than or equal to 3600",
  ],
  [
    "networking.k8s.io/v1/ingresses",
    path({}, "10.0.0.1"),
    'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ],
  [
    "networking.k8s.io/v1/ingresses",
    path({ path: "/a//b" }),
    "spec.rules[0].http.paths[0].path: Invalid value: \"/a//b\": must not contain '//'",
  ],
  [
    "networking.k8s.io/v1/networkpolicies",
    { spec: { podSelector: {}, ingress: [{ from: [{}] }] } },
    "spec.ingress[0].from[0]: Required value: must specify a peer",
  ],
  [
    "networking.k8s.io/v1/networkpolicies",
    {
      spec: {
        podSelector: {},
        egress: [{ to: [{ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }] }],
      },
    },
    'except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`',
  ],
  [
    "networking.k8s.io/v1/ingressclasses",
    { spec: { controller: "foo" } },
    'spec.controller: Invalid value: "foo": must be a domain-prefixed path (such as "acme.io/foo")',
  ],
  [
    "storage.k8s.io/v1/storageclasses",
    { provisioner: "a", volumeBindingMode: "Later" },
    'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
  ],
  [
    "storage.k8s.io/v1/volumeattributesclasses",
    { driverName: "a" },
    "parameters: Required value: must contain at least one key/value pair",
  ],
  [
    "storage.k8s.io/v1/csidrivers",
    { spec: { volumeLifecycleModes: ["x"] } },
    'spec.volumeLifecycleModes: Unsupported value: "x": supported values: "Persistent", "Ephemeral"',
  ],
  [
    "rbac.authorization.k8s.io/v1/roles",
    { rules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
  ],
  [
    "flowcontrol.apiserver.k8s.io/v1/flowschemas",
    { spec: { matchingPrecedence: 20_000, priorityLevelConfiguration: { name: "a" } } },
    "spec.matchingPrecedence: Invalid value: 20000: must not be greater than 10000",
  ],
])("%s %j is refused", (kind, object, ...sentences) => {
  const found = wrong(kind, object).join("\n");
  for (const sentence of sentences) expect(found).toContain(sentence);
});
