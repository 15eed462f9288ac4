import type {
  ClusterRole,
  ClusterRoleBinding,
  CSINodeSpec,
  HorizontalPodAutoscalerSpec,
  HTTPIngressPath,
  IngressBackend,
  IngressSpec,
  IPBlock,
  NetworkPolicyPort,
  PodDisruptionBudgetSpec,
  PolicyRule,
  PriorityClass,
  RoleRef,
  RuntimeClass,
  StorageClass,
  Subject,
  VolumeAttachmentSource,
  VolumeAttachmentSpec,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { cidrRule } from "../names/ip-rules.ts";
import { dnsLabelRule, dnsSubdomainRule, pathSegmentRule, qualifiedNameRule } from "../names/name-rules.ts";
import { ahead, rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import {
  checkCountOrPercent,
  checkName,
  checkPort,
  checkPortOrName,
  checkUnique,
  membersSet,
} from "./checks.ts";

const rbacGroup = "rbac.authorization.k8s.io";
/** Values above it are for the system's own classes. */
const highestUserPriority = 1_000_000_000;

const policyRule: TypeRule = rule<PolicyRule>((target, at, errors) => {
  const { apiGroups = [], resources = [], nonResourceURLs = [] } = target;
  if (nonResourceURLs.length > 0) {
    if (apiGroups.length > 0 || resources.length > 0 || target.resourceNames?.length) {
      errors.invalid(
        at.child("nonResourceURLs"),
        nonResourceURLs,
        "rules cannot apply to both regular resources and non-resource URLs",
      );
    }
    return;
  }
  if (apiGroups.length === 0)
    errors.required(at.child("apiGroups"), "resource rules must supply at least one api group");
  if (resources.length === 0)
    errors.required(at.child("resources"), "resource rules must supply at least one resource");
});

const roleRef: TypeRule = rule<RoleRef>(({ apiGroup, kind, name }, at, errors) => {
  if (apiGroup !== rbacGroup) errors.notSupported(at.child("apiGroup"), apiGroup, [rbacGroup]);
  if (kind !== "Role" && kind !== "ClusterRole")
    errors.notSupported(at.child("kind"), kind, ["Role", "ClusterRole"]);
  checkName(name, pathSegmentRule, at.child("name"), errors);
});

/** What is bound everywhere is a role for everywhere, and there is no namespace that its subjects could be meant in. */
const clusterBinding: TypeRule = rule<ClusterRoleBinding>((binding, at, errors) => {
  const { kind } = binding.roleRef ?? {};
  if (kind === "Role") errors.notSupported(at.child("roleRef", "kind"), kind, ["ClusterRole"]);
  for (const [index, one] of (binding.subjects ?? []).entries())
    if (one.kind === "ServiceAccount" && !one.namespace)
      errors.required(at.child("subjects").at(index).child("namespace"));
});

const clusterRole: TypeRule = rule<ClusterRole>(({ aggregationRule }, at, errors) => {
  if (aggregationRule && !aggregationRule.clusterRoleSelectors?.length)
    errors.required(
      at.child("aggregationRule", "clusterRoleSelectors"),
      "at least one clusterRoleSelector required if aggregationRule is non-nil",
    );
});

const subject: TypeRule = rule<Subject>(({ kind, name, apiGroup = "" }, at, errors) => {
  if (kind === "ServiceAccount") {
    checkName(name, dnsSubdomainRule, at.child("name"), errors);
    if (apiGroup !== "") errors.notSupported(at.child("apiGroup"), apiGroup, [""]);
  } else if (kind === "User" || kind === "Group") {
    if (apiGroup !== rbacGroup) errors.notSupported(at.child("apiGroup"), apiGroup, [rbacGroup]);
  } else errors.notSupported(at.child("kind"), kind, ["ServiceAccount", "User", "Group"]);
});

const ipBlock: TypeRule = rule<IPBlock>(({ cidr, except = [] }, at, errors) => {
  checkName(cidr, cidrRule, at.child("cidr"), errors);
  for (const [index, one] of except.entries()) checkName(one, cidrRule, at.child("except").at(index), errors);
});

const policyPort: TypeRule = rule<NetworkPolicyPort>(({ port, endPort }, at, errors) => {
  checkPortOrName(port, at.child("port"), errors);
  if (endPort === undefined) return;
  const here = at.child("endPort");
  if (port === undefined) errors.invalid(here, endPort, "may not be specified when `port` is not specified");
  else if (typeof port === "string")
    errors.invalid(here, endPort, "may not be specified when `port` is non-numeric");
  else {
    if (endPort < port) errors.invalid(here, port, "must be greater than or equal to `port`");
    checkPort(endPort, here, errors);
  }
});

const ingress: TypeRule = rule<IngressSpec>(({ rules, defaultBackend }, at, errors) => {
  if (!rules?.length && !defaultBackend)
    errors.invalid(at, null, "either `defaultBackend` or `rules` must be specified");
});

const ingressPath: TypeRule = rule<HTTPIngressPath>(({ path, pathType }, at, errors) => {
  if (pathType !== "ImplementationSpecific" ? !path?.startsWith("/") : path && !path.startsWith("/")) {
    errors.invalid(at.child("path"), path ?? "", "must be an absolute path");
  }
});

const ingressBackend: TypeRule = rule<IngressBackend>((backend, at, errors) => {
  const set = membersSet(backend, ["service", "resource"]);
  if (set.length === 0) errors.invalid(at, "", "resource or service backend is required");
  if (set.length > 1) errors.invalid(at, "", "cannot set both resource and service backends");
  const port = backend.service?.port;
  if (backend.service && !port?.name && !port?.number) errors.required(at, "port name or number is required");
});

const budget: TypeRule = rule<PodDisruptionBudgetSpec>((spec, at, errors) => {
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    const { minAvailable, selector = null, maxUnavailable, unhealthyPodEvictionPolicy = null } = spec;
    // Told as upstream writes it in full.
    const inFull = {
      MinAvailable: minAvailable,
      Selector: selector,
      MaxUnavailable: maxUnavailable,
      UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy,
    };
    errors.invalid(at, inFull, "minAvailable and maxUnavailable cannot be both set");
  }
  for (const member of ["minAvailable", "maxUnavailable"] as const) {
    const limit = spec[member];
    checkCountOrPercent(limit, at.child(member), errors);
    if (typeof limit === "string" && /^\d+%$/.test(limit) && Number.parseInt(limit, 10) > 100)
      errors.invalid(at.child(member), limit, "must not be greater than 100%");
  }
});

const autoscaler: TypeRule = rule<Partial<HorizontalPodAutoscalerSpec>>(
  ({ minReplicas = 1, maxReplicas = 0 }, at, errors) => {
    if (minReplicas < 1)
      errors.invalid(at.child("minReplicas"), minReplicas, "must be greater than or equal to 1");
    if (maxReplicas < 1) errors.required(at.child("maxReplicas"), "must be set and greater than 0");
    if (maxReplicas < minReplicas) {
      errors.invalid(at.child("maxReplicas"), maxReplicas, "must be greater than or equal to `minReplicas`");
    }
  },
);

const priority: TypeRule = rule<PriorityClass>(({ metadata, value }, at, errors) => {
  if (metadata.name?.startsWith("system-")) {
    if (metadata.name !== "system-cluster-critical" && metadata.name !== "system-node-critical") {
      errors.forbidden(
        at.child("metadata", "name"),
        `priority class names with 'system-' prefix are reserved for system use only. error: ${metadata.name} is not a known system priority class`,
      );
    }
  } else if ((value ?? 0) > highestUserPriority) {
    errors.forbidden(
      at.child("value"),
      `maximum allowed value of a user defined priority is ${highestUserPriority}`,
    );
  }
});

const attachment: TypeRule = rule<VolumeAttachmentSpec>(({ attacher, source, nodeName }, at, errors) => {
  checkName(attacher, dnsSubdomainRule, at.child("attacher"), errors);
  const set = membersSet(source ?? {}, ["persistentVolumeName", "inlineVolumeSpec"]);
  if (set.length === 0)
    errors.required(
      at.child("source"),
      "must specify exactly one of inlineVolumeSpec and persistentVolumeName",
    );
  if (set.length > 1)
    errors.forbidden(
      at.child("source"),
      "must specify exactly one of inlineVolumeSpec and persistentVolumeName",
    );
  if (set.length === 1) checkAttachedSource(source, at.child("source"), errors);
  for (const wrong of dnsSubdomainRule(nodeName ?? ""))
    errors.invalid(at.child("nodeName"), nodeName ?? "", wrong);
});

function checkAttachedSource(
  { persistentVolumeName: name, inlineVolumeSpec: inline }: VolumeAttachmentSource,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const here = at.child("persistentVolumeName");
  if (name === "") errors.required(here, "must specify non empty persistentVolumeName");
  if (name !== undefined) for (const wrong of dnsSubdomainRule(name)) errors.invalid(here, name, wrong);
  if (!inline) return;
  const context = "in the context of inline volumes";
  const within = at.child("inlineVolumeSpec");
  if (inline.capacity) errors.forbidden(within.child("capacity"), `may not be specified ${context}`);
  if (!inline.csi) errors.required(within.child("csi"), `has to be specified ${context}`);
}

export const otherRules: TypeRules = {
  "rbac.v1.PolicyRule": policyRule,
  "rbac.v1.RoleRef": roleRef,
  "rbac.v1.ClusterRole": clusterRole,
  "rbac.v1.ClusterRoleBinding": clusterBinding,
  "rbac.v1.Subject": subject,
  "networking.v1.IPBlock": ipBlock,
  "networking.v1.NetworkPolicyPort": policyPort,
  "networking.v1.IngressSpec": ingress,
  "networking.v1.HTTPIngressPath": ingressPath,
  "networking.v1.IngressBackend": ingressBackend,
  "policy.v1.PodDisruptionBudgetSpec": budget,
  "autoscaling.v1.HorizontalPodAutoscalerSpec": autoscaler,
  [ahead("autoscaling.v2.HorizontalPodAutoscalerSpec", "scaleTargetRef")]: autoscaler,
  "node.v1.RuntimeClass": rule<RuntimeClass>(({ handler }, at, errors) =>
    checkName(handler, dnsLabelRule, at.child("handler"), errors),
  ),
  "scheduling.v1.PriorityClass": priority,
  "storage.v1.StorageClass": rule<StorageClass>(({ provisioner }, at, errors) =>
    checkName(provisioner?.toLowerCase(), qualifiedNameRule, at.child("provisioner"), errors),
  ),
  "storage.v1.CSINodeSpec": rule<CSINodeSpec>(({ drivers }, at, errors) =>
    checkUnique(drivers, ({ name }) => name, at.child("drivers"), errors, "name"),
  ),
  "storage.v1.VolumeAttachmentSpec": attachment,
};
