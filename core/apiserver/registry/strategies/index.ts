import { formatTime, type JsonObject } from "../../../api/index.ts";
import type { CertificateSigner } from "../../../http/index.ts";
import type { ServiceAddresses } from "../../service-addresses/service-addresses.ts";
import type { ServicePorts } from "../../service-addresses/service-ports.ts";
import { certificateSigningRequestStrategy } from "./certificate-signing-request-strategy.ts";
import { definitionStrategy } from "../../customresources/definition-strategy.ts";
import { type Strategies, type Strategy, withoutStatus, withStatus } from "../strategy.ts";
import { daemonSetStrategy } from "./daemon-set-strategy.ts";
import { jobStrategy } from "./job-strategy.ts";
import { namespaceStrategy } from "./namespace-strategy.ts";
import { podStrategy } from "./pod-strategy.ts";
import { statefulSetStrategy } from "./stateful-set-strategy.ts";
import { serviceStrategy } from "./service-strategy.ts";

/** An hour: events are for looking, not for keeping. */
const events: Strategy = { createOnUpdate: true, ttlSeconds: 3600 };
const upsert: Strategy = { createOnUpdate: true };
const guarded: Strategy = { demandsRevision: true };

const claims: Strategy = {
  prepareForCreate(claim) {
    claim.status = { phase: "Pending" };
    matchSources((claim.spec ??= {}));
  },
};

/** What a claim begins with: in the member of old only other claims and snapshots, in the newer one anything. */
function matchSources(spec: JsonObject): void {
  const source = spec["dataSource"] as JsonObject | undefined;
  const isOld = ["/PersistentVolumeClaim", "snapshot.storage.k8s.io/VolumeSnapshot"];
  if (source && !isOld.includes(`${(source["apiGroup"] as string | null) ?? ""}/${source["kind"] as string}`))
    delete spec["dataSource"];
  const newer = spec["dataSourceRef"] as JsonObject | undefined;
  // The gate CrossNamespaceVolumeDataSource is closed.
  if (newer?.["namespace"] !== undefined) delete spec["dataSourceRef"];
  const [a, b] = [spec["dataSource"], spec["dataSourceRef"]];
  if (a && !b) spec["dataSourceRef"] = { ...(a as JsonObject) };
  if (b && !a) spec["dataSource"] = { ...(b as JsonObject) };
}

const volumes: Strategy = {
  prepareForCreate(volume, { now }) {
    volume.status = { phase: "Pending", lastPhaseTransitionTime: formatTime(now) };
  },
  prepareForUpdate({ status }, { status: before }, { subresource, now }) {
    if (subresource === "status" && status && status["phase"] !== before?.["phase"])
      status["lastPhaseTransitionTime"] = formatTime(now);
  },
};

const nothingDisrupted = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

export function builtInStrategies(
  addresses: ServiceAddresses,
  ports: ServicePorts,
  signer: CertificateSigner,
  secrets: Strategy,
): Strategies {
  return new Map<string, Strategy>([
    ["/Pod", podStrategy],
    ["/Namespace", namespaceStrategy],
    ["/Service", { ...serviceStrategy(addresses, ports), ...upsert }],
    ["/Event", events],
    ["/Secret", secrets],
    ["apiextensions.k8s.io/CustomResourceDefinition", definitionStrategy],
    ["/Endpoints", upsert],
    ["/LimitRange", upsert],
    ["/PersistentVolumeClaim", claims],
    ["/PersistentVolume", volumes],
    ["certificates.k8s.io/CertificateSigningRequest", certificateSigningRequestStrategy(signer)],
    ["coordination.k8s.io/Lease", { ...upsert, ...guarded }],
    ["rbac.authorization.k8s.io/Role", upsert],
    ["rbac.authorization.k8s.io/ClusterRole", upsert],
    ["rbac.authorization.k8s.io/RoleBinding", upsert],
    ["rbac.authorization.k8s.io/ClusterRoleBinding", upsert],
    ["/ReplicationController", { ...withStatus({ replicas: 0 }), orphans: true }],
    ["apps/Deployment", withStatus({})],
    ["apps/ReplicaSet", withStatus({ replicas: 0 })],
    ["apps/StatefulSet", statefulSetStrategy],
    ["apps/DaemonSet", daemonSetStrategy],
    ["batch/Job", jobStrategy],
    ["batch/CronJob", withStatus({})],
    ["policy/PodDisruptionBudget", { ...withStatus(nothingDisrupted), ...guarded }],
    ["node.k8s.io/RuntimeClass", { ...upsert, ...guarded }],
    ["storage.k8s.io/CSIDriver", guarded],
    ["storage.k8s.io/CSINode", guarded],
    ["storage.k8s.io/CSIStorageCapacity", guarded],
    ["storage.k8s.io/VolumeAttachment", { ...withStatus({ attached: false }), ...guarded }],
    ["apiregistration.k8s.io/APIService", guarded],
    ["admissionregistration.k8s.io/MutatingWebhookConfiguration", guarded],
    ["admissionregistration.k8s.io/ValidatingWebhookConfiguration", guarded],
    ["admissionregistration.k8s.io/MutatingAdmissionPolicy", guarded],
    ["admissionregistration.k8s.io/MutatingAdmissionPolicyBinding", guarded],
    ["admissionregistration.k8s.io/ValidatingAdmissionPolicy", guarded],
    ["admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding", guarded],
    ["/ResourceQuota", withStatus({})],
    ["networking.k8s.io/Ingress", withStatus({ loadBalancer: {} })],
    ["networking.k8s.io/ServiceCIDR", withStatus({})],
    ["flowcontrol.apiserver.k8s.io/FlowSchema", withStatus({})],
    ["flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration", withStatus({})],
    ["autoscaling/HorizontalPodAutoscaler", withStatus({ desiredReplicas: 0, currentMetrics: null })],
    ["resource.k8s.io/ResourceClaim", withStatus({})],
    ["berth.dev/Plugin", withoutStatus],
    ["berth.dev/PluginSet", withoutStatus],
  ]);
}
