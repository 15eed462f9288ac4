import type {
  APIService,
  CertificateSigningRequest,
  CSIDriver,
  CSINode,
  EndpointSlice,
  FlowSchema,
  Ingress,
  IngressClass,
  IPAddress,
  LabelSelector,
  NetworkPolicy,
  ObjectMeta,
  ParamRef,
  PodDisruptionBudget,
  PriorityLevelConfiguration,
  ResourceResourceClaim as ResourceClaim,
  RoleBinding,
  ServiceCIDR,
  StorageClass,
  VolumeAttachment,
} from "../generated/types.ts";
import { formatLabelSelector } from "../selectors/label-selector.ts";
import { formatSpan } from "../time/timestamp.ts";
import { type Cells, cellsOf, countOf, ingressPoints, joined, textCell, valueAt } from "./cell.ts";

const bindingCells: Cells = cellsOf<RoleBinding>({
  Role: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`,
  Users: ({ subjects = [] }) => subjectNames(subjects, "User"),
  Groups: ({ subjects = [] }) => subjectNames(subjects, "Group"),
  ServiceAccounts: ({ subjects = [] }) =>
    subjects
      .filter(({ kind }) => kind === "ServiceAccount")
      .map(({ name, namespace }) => (namespace ? `${namespace}/${name}` : name))
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

const ingressAddress = ({ status }: Ingress): string =>
  ingressPoints(status?.loadBalancer?.ingress).join(",");

/** What more rules there are is counted with those that name no host. */
function ingressHosts({ spec }: Ingress): string {
  const rules = spec.rules ?? [];
  const named = [...rules.entries()].filter(([, { host }]) => host).slice(0, 3);
  if (named.length === 0) return "*";
  const isMore = named.length === 3 && named[2]![0] < rules.length - 1;
  return `${named.map(([, { host }]) => host).join(",")}${isMore ? ` + ${rules.length - 3} more...` : ""}`;
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
    const ref = valueAt(binding, "spec.paramRef") as ParamRef | undefined;
    if (ref?.name) return `${ref.namespace || "*"}/${ref.name}`;
    return ref?.selector ? selectorObject(ref.selector) : "<unset>";
  },
};

/** A selector as an object of its language is written. */
function selectorObject({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const requirements = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  const pairs = labels.map(([key, value]) => `${key}: ${value},`).join("");
  const listed = `[]LabelSelectorRequirement{${requirements.join("")}}`;
  return `&LabelSelector{MatchLabels:map[string]string{${pairs}},MatchExpressions:${listed},}`;
}

const webhookCells: Cells = { Webhooks: (object) => countOf(object["webhooks"] as unknown[] | undefined) };

function serviceAvailable({ status }: APIService): string {
  const available = status?.conditions?.find(({ type }) => type === "Available");
  if (!available) return "Unknown";
  const isTold = available.status !== "True" && available.reason;
  return isTold ? `${available.status} (${available.reason})` : available.status;
}

/** Classes that are the default say so, in annotations of these domains. */
function nameAndDefault({ metadata }: { readonly metadata: ObjectMeta }, ...domains: string[]): string {
  const isDefault = domains.some((domain) => metadata.annotations?.[`${domain}/is-default-class`] === "true");
  return isDefault ? `${metadata.name ?? ""} (default)` : (metadata.name ?? "");
}

export const otherCells: Readonly<Record<string, Cells>> = {
  "rbac.v1.RoleBinding": bindingCells,
  "rbac.v1.ClusterRoleBinding": bindingCells,
  "node.v1.RuntimeClass": { Handler: "handler" },
  "coordination.v1.Lease": {
    Holder: (lease) => (valueAt(lease, "spec.holderIdentity") as string | undefined) ?? "",
  },
  "coordination.v1beta1.LeaseCandidate": {
    LeaseName: textCell("spec.leaseName"),
    BinaryVersion: textCell("spec.binaryVersion"),
    EmulationVersion: textCell("spec.emulationVersion"),
  },
  "storage.v1.StorageClass": cellsOf<StorageClass>({
    Name: (object) => nameAndDefault(object, "storageclass.kubernetes.io", "storageclass.beta.kubernetes.io"),
    Provisioner: "provisioner",
    ReclaimPolicy: ({ reclaimPolicy }) => reclaimPolicy ?? "Delete",
    VolumeBindingMode: ({ volumeBindingMode }) => volumeBindingMode ?? "Immediate",
    AllowVolumeExpansion: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false,
  }),
  "storage.v1.CSIDriver": cellsOf<CSIDriver>({
    AttachRequired: ({ spec }) => spec.attachRequired ?? true,
    PodInfoOnMount: ({ spec }) => spec.podInfoOnMount ?? false,
    StorageCapacity: ({ spec }) => spec.storageCapacity ?? false,
    TokenRequests: ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(",") ?? "<unset>",
    RequiresRepublish: ({ spec }) => spec.requiresRepublish ?? false,
    Modes: ({ spec }) => joined(spec.volumeLifecycleModes),
  }),
  "storage.v1.CSINode": cellsOf<CSINode>({ Drivers: ({ spec }) => countOf(spec.drivers) }),
  "storage.v1.VolumeAttachment": cellsOf<VolumeAttachment>({
    Attacher: "spec.attacher",
    PV: textCell("spec.source.persistentVolumeName"),
    Node: "spec.nodeName",
    Attached: ({ status }) => status?.attached ?? false,
  }),
  "storage.v1.VolumeAttributesClass": { DriverName: "driverName" },
  "networking.v1.Ingress": cellsOf<Ingress>({
    Class: "spec.ingressClassName",
    Hosts: ingressHosts,
    Address: ingressAddress,
    Ports: ({ spec }) => (countOf(spec.tls) > 0 ? "80, 443" : "80"),
  }),
  "networking.v1.IngressClass": cellsOf<IngressClass>({
    Name: (object) => nameAndDefault(object, "ingressclass.kubernetes.io"),
    Controller: textCell("spec.controller"),
    Parameters: ({ spec }) => {
      const given = spec.parameters;
      return given ? `${[given.kind, given.apiGroup].filter(Boolean).join(".")}/${given.name}` : "<none>";
    },
  }),
  "networking.v1.NetworkPolicy": cellsOf<NetworkPolicy>({
    "Pod-Selector": ({ spec }) => formatLabelSelector(spec.podSelector),
  }),
  "networking.v1.ServiceCIDR": cellsOf<ServiceCIDR>({ CIDRs: ({ spec }) => (spec.cidrs ?? []).join(",") }),
  "networking.v1.IPAddress": {
    ParentRef: (address) => {
      const ref = valueAt(address, "spec.parentRef") as IPAddress["spec"]["parentRef"] | undefined;
      if (!ref) return "<none>";
      const resource = [ref.resource, ref.group].filter(Boolean).join(".").toLowerCase();
      return [resource, ...(ref.namespace ? [ref.namespace] : []), ref.name ?? ""].join("/");
    },
  },
  "discovery.v1.EndpointSlice": cellsOf<EndpointSlice>({
    AddressType: "addressType",
    Ports: ({ ports }) =>
      joined(
        (ports ?? []).map(({ port, name }) => String(port ?? name ?? "*")),
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
    PreemptionPolicy: textCell("preemptionPolicy"),
  },
  "certificates.v1.CertificateSigningRequest": cellsOf<CertificateSigningRequest>({
    SignerName: "spec.signerName",
    Requestor: textCell("spec.username"),
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
    State: ({ metadata, status }) => {
      const deleted = metadata.deletionTimestamp ? "deleted" : undefined;
      if (!status?.allocation) return deleted ?? "pending";
      const reserved = countOf(status.reservedFor) > 0 ? "reserved" : undefined;
      return [deleted, "allocated", reserved].filter(Boolean).join(",");
    },
  }),
  "resource.v1.ResourceSlice": {
    Node: textCell("spec.nodeName"),
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
