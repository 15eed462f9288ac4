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
import { serviceStrategy } from "./service-strategy.ts";

/** An hour: events are for looking, not for keeping. */
const events: Strategy = { createOnUpdate: true, ttlSeconds: 3600 };
const upsert: Strategy = { createOnUpdate: true };
const guarded: Strategy = { demandsRevision: true };

const claims: Strategy = {
  prepareForCreate(claim) {
    claim.status = { phase: "Pending" };
  },
};

/** Its labels are its author's: no controller may write them with the status. */
const deployments: Strategy = {
  ...withStatus({}),
  prepareForUpdate({ metadata }, old, { subresource }) {
    if (subresource !== "status") return;
    if (old.metadata.labels) metadata.labels = old.metadata.labels;
    else delete metadata.labels;
  },
};

const volumes: Strategy = {
  prepareForCreate(volume) {
    volume.status = { phase: "Pending" };
  },
};

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
    ["/ReplicationController", withStatus({ replicas: 0 })],
    ["apps/Deployment", deployments],
    ["apps/ReplicaSet", withStatus({ replicas: 0 })],
    ["apps/StatefulSet", withStatus({ replicas: 0, availableReplicas: 0 })],
    ["apps/DaemonSet", daemonSetStrategy],
    ["batch/Job", jobStrategy],
    ["batch/CronJob", withStatus({})],
    ["policy/PodDisruptionBudget", { ...withoutStatus, ...guarded }],
    ["node.k8s.io/RuntimeClass", { ...upsert, ...guarded }],
    ["storage.k8s.io/CSIDriver", guarded],
    ["storage.k8s.io/CSINode", guarded],
    ["storage.k8s.io/CSIStorageCapacity", guarded],
    ["storage.k8s.io/VolumeAttachment", guarded],
    ["apiregistration.k8s.io/APIService", guarded],
    ["admissionregistration.k8s.io/MutatingWebhookConfiguration", guarded],
    ["admissionregistration.k8s.io/ValidatingWebhookConfiguration", guarded],
    ["admissionregistration.k8s.io/MutatingAdmissionPolicy", guarded],
    ["admissionregistration.k8s.io/MutatingAdmissionPolicyBinding", guarded],
    ["admissionregistration.k8s.io/ValidatingAdmissionPolicy", guarded],
    ["admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding", guarded],
    ["/ResourceQuota", withoutStatus],
    ["berth.dev/Plugin", withoutStatus],
    ["berth.dev/PluginSet", withoutStatus],
  ]);
}
