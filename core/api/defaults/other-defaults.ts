import type {
  ExactDeviceRequest,
  CSIDriverSpec,
  CustomResourceDefinitionSpec,
  DiscoveryEndpointPort,
  FlowSchemaSpec,
  LeaseSpec,
  MutatingWebhook,
  NetworkPolicySpec,
  PriorityClass,
  PriorityLevelConfigurationSpec,
  RoleRef,
  StorageClass,
  Subject,
} from "../generated/types.ts";
import { absent, defaulter, type Defaulters } from "./defaulter.ts";

const rbacGroup = "rbac.authorization.k8s.io";
const anHour = 3600;

const webhook = absent<MutatingWebhook>({
  failurePolicy: "Fail",
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
});

const networkPolicy = defaulter<NetworkPolicySpec>((spec) => {
  spec.policyTypes ??= spec.egress ? ["Ingress", "Egress"] : ["Ingress"];
});

const priorityLevel = defaulter<PriorityLevelConfigurationSpec>(({ limited, exempt, type }) => {
  if (type === "Exempt" && exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
  if (!limited) return;
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const queuing = limited.limitResponse?.queuing;
  if (!queuing) return;
  queuing.handSize ||= 8;
  queuing.queues ||= 64;
  queuing.queueLengthLimit ||= 50;
});

const customResource = defaulter<CustomResourceDefinitionSpec>((spec) => {
  spec.conversion ??= { strategy: "None" };
  if (!spec.names?.kind) return;
  spec.names.singular ??= spec.names.kind.toLowerCase();
  spec.names.listKind ??= `${spec.names.kind}List`;
});

const deviceRequest = defaulter<ExactDeviceRequest>((request) => {
  request.allocationMode ||= "ExactCount";
  if (request.allocationMode === "ExactCount") request.count ||= 1;
});

export const otherDefaults: Defaulters = {
  // Their gate, CoordinatedLeaderElection, is closed.
  "coordination.v1.LeaseSpec": defaulter<LeaseSpec>((spec) => {
    delete spec.strategy;
    delete spec.preferredHolder;
  }),
  // It is written even when empty.
  "rbac.v1.RoleRef": defaulter<RoleRef>((role) => {
    role.apiGroup ||= rbacGroup;
  }),
  "rbac.v1.Subject": defaulter<Subject>((subject) => {
    if (subject.kind === "User" || subject.kind === "Group") subject.apiGroup ??= rbacGroup;
  }),
  "storage.v1.StorageClass": absent<StorageClass>({
    reclaimPolicy: "Delete",
    volumeBindingMode: "Immediate",
  }),
  "storage.v1.CSIDriverSpec": absent<CSIDriverSpec>({
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: "ReadWriteOnceWithFSType",
    volumeLifecycleModes: ["Persistent"],
    requiresRepublish: false,
    seLinuxMount: false,
  }),
  "scheduling.v1.PriorityClass": absent<PriorityClass>({ preemptionPolicy: "PreemptLowerPriority" }),
  "networking.v1.NetworkPolicySpec": networkPolicy,
  "networking.v1.NetworkPolicyPort": absent({ protocol: "TCP" }),
  "networking.v1.IngressClassParametersReference": absent({ scope: "Cluster" }),
  "discovery.v1.EndpointPort": absent<DiscoveryEndpointPort>({ name: "", protocol: "TCP" }),
  "authentication.v1.TokenRequestSpec": absent({ expirationSeconds: anHour }),
  "admissionregistration.v1.ValidatingWebhook": webhook,
  "admissionregistration.v1.MutatingWebhook": defaulter<MutatingWebhook>((target) => {
    webhook(target as unknown as Record<string, unknown>);
    target.reinvocationPolicy ??= "Never";
  }),
  "admissionregistration.v1.RuleWithOperations": absent({ scope: "*" }),
  "admissionregistration.v1.NamedRuleWithOperations": absent({ scope: "*" }),
  "resource.v1.ExactDeviceRequest": deviceRequest,
  "resource.v1.DeviceSubRequest": deviceRequest,
  "admissionregistration.v1.ServiceReference": absent({ port: 443 }),
  "admissionregistration.v1.ValidatingAdmissionPolicySpec": absent({ failurePolicy: "Fail" }),
  "admissionregistration.v1.MutatingAdmissionPolicySpec": absent({ failurePolicy: "Fail" }),
  "admissionregistration.v1.MatchResources": absent({
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
  }),
  "apiextensions.v1.CustomResourceDefinitionSpec": customResource,
  "apiextensions.v1.ServiceReference": absent({ port: 443 }),
  "apiregistration.v1.ServiceReference": absent({ port: 443 }),
  "flowcontrol.v1.PriorityLevelConfigurationSpec": priorityLevel,
  "flowcontrol.v1.FlowSchemaSpec": defaulter<FlowSchemaSpec>((spec) => {
    // Clients in Go write the zero.
    spec.matchingPrecedence ||= 1000;
  }),
};
