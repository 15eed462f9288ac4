import { expect, test } from "vitest";
import {
  type Loose,
  wrong,
  wrongUpdate,
  pod,
  inContainer,
  template,
  selecting,
  job,
  cron,
  service,
  claim,
  scaler,
  path,
  slice,
} from "./objects-under-test.ts";

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
  // How leaders that step down say so.
  ["coordination.k8s.io/v1/leases", { spec: { holderIdentity: "", leaseDurationSeconds: 1 } }],
  ["v1/nodes", { spec: { podCIDR: "10.0.0.0/24", podCIDRs: ["10.0.0.0/24", "fd00::/64"] } }],
  [
    "flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
    { spec: { type: "Limited", limited: { limitResponse: { type: "Queue", queuing: {} } } } },
  ],
])("%s %j is good", (kind, object) => {
  expect(wrong(kind, object)).toEqual([]);
});

test.each<[kind: string, old: Loose, object: Loose, sentence: string]>([
  [
    "storage.k8s.io/v1/storageclasses",
    { provisioner: "a" },
    { provisioner: "b" },
    'provisioner: Invalid value: "b": field is immutable',
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
  const asleep = (spec: Loose): Loose => ({
    ...job({ suspend: true, template: template({ restartPolicy: "Never", ...spec }) }),
    status: { conditions: [{ type: "Suspended", status: "True" }] },
  });
  expect(wrongUpdate("batch/v1/jobs", asleep({}), asleep({ nodeSelector: { a: "b" } }))).toEqual([]);
  expect(wrongUpdate("batch/v1/jobs", asleep({}), asleep({ hostNetwork: true }))).not.toEqual([]);
});
