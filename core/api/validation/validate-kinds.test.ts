import { expect, test } from "vitest";
import { applyDefaults } from "../defaults/apply-defaults.ts";
import { formatFieldError } from "../errors/field-error.ts";
import type { Kind } from "../kinds/kind.ts";
import { kinds } from "../kinds/kinds.ts";
import { decodeObject } from "../objects/decode-object.ts";
import { validateCreate, validateUpdate } from "./validate.ts";

type Loose = Record<string, unknown>;

/** `apps/v1/deployments`, `v1/pods`. */
function kindAt(path: string): Kind {
  const [resource, version, group = ""] = path.split("/").toReversed();
  return kinds.byResource(group, version!, resource!)!;
}

function made(kind: Kind, given: Loose): Loose {
  const place = kind.namespaced ? { namespace: "default" } : {};
  const metadata = { name: "x", ...place, ...(given["metadata"] as Loose) };
  const value = structuredClone({ ...given, metadata });
  const { object } = decodeObject<Loose>(kind, { value }, "Strict");
  applyDefaults(kind, object);
  return object;
}

const wrong = (path: string, given: Loose): string[] =>
  validateCreate(kindAt(path), made(kindAt(path), given)).map(formatFieldError);
const wrongUpdate = (path: string, old: Loose, given: Loose): string[] =>
  validateUpdate(kindAt(path), made(kindAt(path), given), made(kindAt(path), old)).map(formatFieldError);

const container = { name: "a", image: "i" };
const pod = (spec: Loose): Loose => ({ spec: { containers: [container], ...spec } });
const inContainer = (more: Loose): Loose => pod({ containers: [{ ...container, ...more }] });
const template = (more: Loose = {}): Loose => ({
  metadata: { labels: { app: "a" } },
  spec: { containers: [container], ...more },
});
const selecting = (spec: Loose): Loose => ({
  spec: { selector: { matchLabels: { app: "a" } }, template: template(), ...spec },
});
const job = (spec: Loose): Loose => ({ spec: { template: template({ restartPolicy: "Never" }), ...spec } });
const cron = (spec: Loose): Loose => ({ spec: { schedule: "@daily", jobTemplate: job({}), ...spec } });
const service = (spec: Loose): Loose => ({ spec: { ports: [{ port: 80 }], ...spec } });
const claim = (spec: Loose): Loose => ({
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const scaler = (spec: Loose): Loose => ({
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" }, maxReplicas: 3, ...spec },
});
const path = (more: Loose, host?: string): Loose => ({
  spec: {
    rules: [
      {
        ...(host === undefined ? {} : { host }),
        http: {
          paths: [
            {
              path: "/",
              pathType: "Prefix",
              backend: { service: { name: "s", port: { number: 80 } } },
              ...more,
            },
          ],
        },
      },
    ],
  },
});
const slice = (address: string, addressType = "IPv4"): Loose => ({
  addressType,
  endpoints: [{ addresses: [address] }],
});

test.each<[kind: string, object: Loose]>([
  ["v1/pods", pod({})],
  [
    "v1/pods",
    inContainer({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels['a/b']" } } }] }),
  ],
  ["v1/pods", inContainer({ restartPolicy: "Never", lifecycle: { preStop: { sleep: { seconds: 1 } } } })],
  ["v1/services", service({ type: "LoadBalancer", loadBalancerSourceRanges: ["10.0.0.0/8"] })],
  ["v1/services", service({ ipFamilies: ["IPv4"], clusterIP: "10.96.0.9", clusterIPs: ["10.96.0.9"] })],
  ["v1/endpoints", { subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: 80 }] }] }],
  ["discovery.k8s.io/v1/endpointslices", { ...slice("10.0.0.1"), ports: [{ name: "", port: 80 }] }],
  ["v1/limitranges", { spec: { limits: [{ type: "Container", max: { cpu: "2" }, default: { cpu: "1" } }] } }],
  ["v1/resourcequotas", { spec: { hard: { pods: "3", "requests.cpu": "1", "count/jobs.batch": "1" } } }],
  ["v1/persistentvolumeclaims", claim({})],
  [
    "apps/v1/statefulsets",
    selecting({ serviceName: "s", volumeClaimTemplates: [{ metadata: { name: "d" }, ...claim({}) }] }),
  ],
  ["apps/v1/daemonsets", selecting({})],
  [
    "batch/v1/jobs",
    job({ completionMode: "Indexed", completions: 2, backoffLimitPerIndex: 1, maxFailedIndexes: 1 }),
  ],
  ["batch/v1/cronjobs", cron({ schedule: "0-5 */2 1 JAN-MAR 1,5", timeZone: "Europe/Zurich" })],
  ["autoscaling/v2/horizontalpodautoscalers", scaler({})],
  ["networking.k8s.io/v1/ingresses", path({}, "*.example.com")],
  [
    "networking.k8s.io/v1/networkpolicies",
    { spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] } },
  ],
  ["networking.k8s.io/v1/ingressclasses", { spec: { controller: "acme.io/foo" } }],
  [
    "networking.k8s.io/v1/ipaddresses",
    { metadata: { name: "2001:db8::1" }, spec: { parentRef: { resource: "services", name: "a" } } },
  ],
  ["storage.k8s.io/v1/storageclasses", { provisioner: "csi.example.com" }],
  ["coordination.k8s.io/v1/leases", { spec: { holderIdentity: "a", leaseDurationSeconds: 15 } }],
  ["v1/nodes", { spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "fd00::/64"] } }],
  [
    "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    { spec: { type: "Limited", limited: { limitResponse: { type: "Queue" } } } },
  ],
])("%s %j is good", (kind, object) => {
  expect(wrong(kind, object)).toEqual([]);
});

test.each<[kind: string, object: Loose, ...sentences: string[]]>([
  [
    "v1/pods",
    pod({ hostPID: true, shareProcessNamespace: true }),
    "spec.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled",
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
    "spec.securityContext.seccompProfile.localhostProfile: Required value: must be set when type is Localhost",
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
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "spec.x"',
  ],
  [
    "v1/pods",
    inContainer({ envFrom: [{}] }),
    'spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`',
  ],
  [
    "v1/pods",
    inContainer({ readinessProbe: { exec: { command: ["x"] }, terminationGracePeriodSeconds: 3 } }),
    "spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 3: must not be set for readinessProbes",
  ],
  [
    "v1/pods",
    inContainer({ livenessProbe: { httpGet: { port: 80, httpHeaders: [{ name: "a b", value: "c" }] } } }),
    'httpHeaders[0].name: Invalid value: "a b": a valid HTTP header must consist of',
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
    'spec.trafficDistribution: Unsupported value: "Near": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
  ],
  [
    "v1/endpoints",
    { subsets: [{ ports: [{ port: 80 }] }] },
    "subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`",
  ],
  [
    "discovery.k8s.io/v1/endpointslices",
    slice("::5"),
    'endpoints[0].addresses[0]: Invalid value: "::5": must be an IPv4 address',
  ],
  [
    "v1/resourcequotas",
    { spec: { hard: { rockets: "1" } } },
    'spec.hard[rockets]: Invalid value: "rockets": must be a standard resource for quotas',
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
    'spec.limits[0].default[cpu]: Invalid value: "2": default value 2 is greater than max value 1',
  ],
  [
    "v1/limitranges",
    { spec: { limits: [{ type: "Pod" }, { type: "Pod" }] } },
    'spec.limits[1].type: Duplicate value: "Pod"',
  ],
  [
    "v1/persistentvolumeclaims",
    claim({ dataSource: { kind: "Pod", name: "a" } }),
    "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
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
    "spec.updateStrategy.rollingUpdate: Invalid value: {\"partition\":1}: only allowed for updateStrategy 'RollingUpdate'",
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
    "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 4000: must be between 0 and 3600, inclusive",
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
    'spec.volumeLifecycleModes: Unsupported value: "x": supported values: "Ephemeral", "Persistent"',
  ],
  [
    "coordination.k8s.io/v1/leases",
    { spec: { holderIdentity: "" } },
    'spec.holderIdentity: Invalid value: "": must not be empty',
  ],
  [
    "rbac.authorization.k8s.io/v1/roles",
    { rules: [{ verbs: ["get"], nonResourceURLs: ["/x"] }] },
    'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
  ],
  [
    "flowcontrol.apiserver.k8s.io/v1/flowschemas",
    { spec: { matchingPrecedence: 20_000, priorityLevelConfiguration: { name: "a" } } },
    "spec.matchingPrecedence: Invalid value: 20000: must be between 1 and 10000, inclusive",
  ],
])("%s %j is refused", (kind, object, ...sentences) => {
  const found = wrong(kind, object).join("\n");
  for (const sentence of sentences) expect(found).toContain(sentence);
});

test.each<[kind: string, old: Loose, object: Loose, sentence: string]>([
  [
    "storage.k8s.io/v1/storageclasses",
    { provisioner: "a" },
    { provisioner: "b" },
    "provisioner: Forbidden: updates to provisioner are forbidden.",
  ],
  [
    "scheduling.k8s.io/v1/priorityclasses",
    { value: 1 },
    { value: 2 },
    "value: Forbidden: may not be changed in an update.",
  ],
  [
    "v1/resourcequotas",
    { spec: { scopes: ["BestEffort"] } },
    { spec: {} },
    "spec.scopes: Invalid value: null: field is immutable",
  ],
  [
    "v1/nodes",
    { spec: { providerID: "a" } },
    { spec: { providerID: "b" } },
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  ],
  [
    "batch/v1/jobs",
    job({ completions: 1 }),
    job({ completions: 2 }),
    "spec.completions: Invalid value: 2: field is immutable",
  ],
  [
    "batch/v1/jobs",
    job({}),
    job({ template: template({ restartPolicy: "OnFailure" }) }),
    "spec.template: Invalid value: ",
  ],
])("%s keeps what it was created with: %j", (kind, old, object, sentence) => {
  expect(wrongUpdate(kind, old, object).join("\n")).toContain(sentence);
  expect(wrongUpdate(kind, old, old)).toEqual([]);
});

test("a suspended job that never ran may be placed elsewhere", () => {
  const asleep = (spec: Loose): Loose =>
    job({ suspend: true, template: template({ restartPolicy: "Never", ...spec }) });
  expect(wrongUpdate("batch/v1/jobs", asleep({}), asleep({ nodeSelector: { a: "b" } }))).toEqual([]);
  expect(wrongUpdate("batch/v1/jobs", asleep({}), asleep({ hostNetwork: true }))).not.toEqual([]);
});
