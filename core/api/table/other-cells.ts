import type {
  APIService,
  CertificateSigningRequest,
  CSIDriver,
  CSINode,
  EndpointSlice,
  FlowSchema,
  Ingress,
  IngressClass,
  NetworkPolicy,
  PodDisruptionBudget,
  PriorityLevelConfiguration,
  ResourceClaim,
  RoleBinding,
  StorageClass,
  VolumeAttachment,
} from "../generated/types.ts";
import { formatLabelSelector } from "../selectors/label-selector.ts";
import { formatSpan } from "../time/timestamp.ts";
import { type Cells, cellsOf, countOf, joined, valueAt } from "./cell.ts";

const bindingCells: Cells = cellsOf<RoleBinding>({
  Role: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  Users: ({ subjects = [] }) => subjectNames(subjects, "User"),
  Groups: ({ subjects = [] }) => subjectNames(subjects, "Group"),
  ServiceAccounts: ({ subjects = [] }) =>
    subjects
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ name, namespace }) => `${namespace ?? ""}/${name}`)
      .join(", "),
});

function subjectNames(subjects: readonly { kind: string; name: string }[], wanted: string): string {
  return subjects
    .filter(({ kind }) => kind === wanted)
    .map(({ name }) => name)
    .join(", ");
}

function signingCondition({ status }: CertificateSigningRequest): string {
  const types = new Set((status?.conditions ?? []).map(({ type }) => type));
  const parts = [types.has("Denied") ? "Denied" : types.has("Approved") ? "Approved" : "Pending"];
  if (types.has("Failed")) parts.push("Failed");
  if (status?.certificate) parts.push("Issued");
  return parts.join(",");
}

function ingressAddress({ status }: Ingress): string {
  return (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? "").join(",");
}

const policyCells = (count: string, list: string): Cells => ({
  [count]: (policy) => countOf(valueAt(policy, `spec.${list}`) as unknown[] | undefined),
  ParamKind: (policy) => {
    const kind = valueAt(policy, "spec.paramKind") as { apiVersion?: string; kind?: string } | undefined;
    return kind ? `${kind.apiVersion ?? ""}/${kind.kind ?? ""}` : "<unset>";
  },
});

const policyBindingCells: Cells = {
  PolicyName: "spec.policyName",
  ParamRef: (binding) => {
    const ref = valueAt(binding, "spec.paramRef") as { namespace?: string; name?: string } | undefined;
    if (!ref) return "<unset>";
    return ref.namespace ? `${ref.namespace}/${ref.name ?? "*"}` : (ref.name ?? "*");
  },
};

const webhookCells: Cells = { Webhooks: (object) => countOf(object["webhooks"] as unknown[] | undefined) };

function serviceAvailable({ status }: APIService): string {
  const available = status?.conditions?.find(({ type }) => type === "Available");
  if (!available) return "Unknown";
  return available.status === "True" ? "True" : `${available.status} (${available.reason ?? ""})`;
}

export const otherCells: Readonly<Record<string, Cells>> = {
  "rbac.v1.RoleBinding": bindingCells,
  "rbac.v1.ClusterRoleBinding": bindingCells,
  "node.v1.RuntimeClass": { Handler: "handler" },
  "coordination.v1.Lease": {
    Holder: (lease) => (valueAt(lease, "spec.holderIdentity") as string | undefined) ?? "",
  },
  "coordination.v1beta1.LeaseCandidate": {
    LeaseName: "spec.leaseName",
    BinaryVersion: "spec.binaryVersion",
    EmulationVersion: "spec.emulationVersion",
  },
  "storage.v1.StorageClass": cellsOf<StorageClass>({
    Name: ({ metadata }) =>
      metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true"
        ? `${metadata.name} (default)`
        : metadata.name,
    Provisioner: "provisioner",
    ReclaimPolicy: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
    VolumeBindingMode: ({ volumeBindingMode }) => volumeBindingMode ?? "<unset>",
    AllowVolumeExpansion: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  }),
  "storage.v1.CSIDriver": cellsOf<CSIDriver>({
    AttachRequired: ({ spec }) => spec.attachRequired ?? true,
    PodInfoOnMount: ({ spec }) => spec.podInfoOnMount ?? false,
    StorageCapacity: ({ spec }) => spec.storageCapacity ?? false,
    TokenRequests: ({ spec }) =>
      (spec.tokenRequests ?? []).map(({ audience }) => audience).join(",") || "<unset>",
    RequiresRepublish: ({ spec }) => spec.requiresRepublish ?? false,
    Modes: ({ spec }) => joined(spec.volumeLifecycleModes),
  }),
  "storage.v1.CSINode": cellsOf<CSINode>({ Drivers: ({ spec }) => countOf(spec.drivers) }),
  "storage.v1.CSIStorageCapacity": { StorageClassName: "storageClassName", Capacity: "capacity" },
  "storage.v1.VolumeAttachment": cellsOf<VolumeAttachment>({
    Attacher: "spec.attacher",
    PV: "spec.source.persistentVolumeName",
    Node: "spec.nodeName",
    Attached: ({ status }) => status?.attached ?? false,
  }),
  "storage.v1.VolumeAttributesClass": { DriverName: "driverName" },
  "networking.v1.Ingress": cellsOf<Ingress>({
    Class: "spec.ingressClassName",
    Hosts: ({ spec }) =>
      joined(
        (spec.rules ?? []).flatMap(({ host }) => host || []),
        3,
      ).replace("<none>", "*"),
    Address: ingressAddress,
    Ports: ({ spec }) => (countOf(spec.tls) > 0 ? "80, 443" : "80"),
  }),
  "networking.v1.IngressClass": cellsOf<IngressClass>({
    Controller: "spec.controller",
    Parameters: ({ spec }) => {
      const given = spec.parameters;
      return given ? `${[given.kind, given.apiGroup].filter(Boolean).join(".")}/${given.name}` : "<none>";
    },
  }),
  "networking.v1.NetworkPolicy": cellsOf<NetworkPolicy>({
    "Pod-Selector": ({ spec }) => formatLabelSelector(spec.podSelector),
  }),
  "networking.v1.ServiceCIDR": { CIDRs: "spec.cidrs" },
  "networking.v1.IPAddress": {
    ParentRef: (address) => {
      const ref = valueAt(address, "spec.parentRef") as Record<string, string> | undefined;
      return [ref?.["group"], ref?.["resource"], ref?.["namespace"], ref?.["name"]].filter(Boolean).join("/");
    },
  },
  "discovery.v1.EndpointSlice": cellsOf<EndpointSlice>({
    AddressType: "addressType",
    Ports: ({ ports }) =>
      joined(
        (ports ?? []).map(({ port }) => String(port ?? "*")),
        3,
      ).replace("<none>", "<unset>"),
    Endpoints: ({ endpoints }) =>
      joined(
        (endpoints ?? []).flatMap(({ addresses }) => addresses),
        3,
      ).replace("<none>", "<unset>"),
  }),
  "policy.v1.PodDisruptionBudget": cellsOf<PodDisruptionBudget>({
    "Min Available": ({ spec }) => String(spec.minAvailable ?? "N/A"),
    "Max Unavailable": ({ spec }) => String(spec.maxUnavailable ?? "N/A"),
    "Allowed Disruptions": ({ status }) => status?.disruptionsAllowed ?? 0,
  }),
  "scheduling.v1.PriorityClass": {
    Value: "value",
    "Global-Default": (priority) => priority["globalDefault"] === true,
    PreemptionPolicy: "preemptionPolicy",
  },
  "certificates.v1.CertificateSigningRequest": cellsOf<CertificateSigningRequest>({
    SignerName: "spec.signerName",
    Requestor: "spec.username",
    RequestedDuration: ({ spec }) =>
      spec.expirationSeconds === undefined ? "<none>" : formatSpan(spec.expirationSeconds),
    Condition: signingCondition,
  }),
  "apiregistration.v1.APIService": cellsOf<APIService>({
    Service: ({ spec }) =>
      spec.service ? `${spec.service.namespace ?? ""}/${spec.service.name ?? ""}` : "Local",
    Available: serviceAvailable,
  }),
  "flowcontrol.v1.FlowSchema": cellsOf<FlowSchema>({
    PriorityLevel: "spec.priorityLevelConfiguration.name",
    MatchingPrecedence: "spec.matchingPrecedence",
    DistinguisherMethod: "spec.distinguisherMethod.type",
    MissingPL: ({ status }) => status?.conditions?.find(({ type }) => type === "Dangling")?.status ?? "?",
  }),
  "flowcontrol.v1.PriorityLevelConfiguration": cellsOf<PriorityLevelConfiguration>({
    Type: "spec.type",
    NominalConcurrencyShares: "spec.limited.nominalConcurrencyShares",
    Queues: "spec.limited.limitResponse.queuing.queues",
    HandSize: "spec.limited.limitResponse.queuing.handSize",
    QueueLengthLimit: "spec.limited.limitResponse.queuing.queueLengthLimit",
  }),
  "resource.v1.ResourceClaim": cellsOf<ResourceClaim>({
    State: (claim) => {
      const status = (claim as { status?: { allocation?: object; reservedFor?: unknown[] } }).status;
      const states = [
        status?.allocation && "allocated",
        countOf(status?.reservedFor) > 0 && "reserved",
      ].filter(Boolean);
      return states.join(",") || "pending";
    },
  }),
  "resource.v1.ResourceSlice": {
    Node: (slice) => (valueAt(slice, "spec.nodeName") as string | undefined) ?? "<unset>",
    Driver: "spec.driver",
    Pool: "spec.pool.name",
  },
  "admissionregistration.v1.ValidatingAdmissionPolicy": policyCells("Validations", "validations"),
  "admissionregistration.v1.MutatingAdmissionPolicy": policyCells("Mutations", "mutations"),
  "admissionregistration.v1.ValidatingAdmissionPolicyBinding": policyBindingCells,
  "admissionregistration.v1.MutatingAdmissionPolicyBinding": policyBindingCells,
  "admissionregistration.v1.ValidatingWebhookConfiguration": webhookCells,
  "admissionregistration.v1.MutatingWebhookConfiguration": webhookCells,
};
