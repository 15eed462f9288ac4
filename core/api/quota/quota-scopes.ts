import type { Pod, ResourceQuotaSpec } from "../generated/types.ts";
import type { JsonObject } from "../json/json-value.ts";
import { qosClass } from "../scheduling/qos-class.ts";
import type { QuotaSubject } from "./quota-usage.ts";

interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Whether a quota counts an object: all do without scopes; with some, only pods that every scope selects. */
export function isInScope(
  { scopes, scopeSelector }: Partial<ResourceQuotaSpec>,
  subject: QuotaSubject,
  object: JsonObject,
): boolean {
  const requirements: ScopeRequirement[] = [
    ...(scopes ?? []).map((scopeName) => ({ scopeName, operator: "Exists" })),
    ...((scopeSelector?.matchExpressions as ScopeRequirement[] | undefined) ?? []),
  ];
  if (requirements.length === 0) return true;
  if (subject.group !== "") return false;
  if (subject.resource === "persistentvolumeclaims")
    return requirements.every((one) => selectsClaim(one, object));
  if (subject.resource !== "pods") return false;
  return requirements.every((one) => selectsPod(one, object as unknown as Pod));
}

function selectsPod(requirement: ScopeRequirement, pod: Pod): boolean {
  switch (requirement.scopeName) {
    case "Terminating":
      return pod.spec?.activeDeadlineSeconds !== undefined;
    case "NotTerminating":
      return pod.spec?.activeDeadlineSeconds === undefined;
    case "BestEffort":
      return qosClass(pod) === "BestEffort";
    case "NotBestEffort":
      return qosClass(pod) !== "BestEffort";
    case "PriorityClass":
      return selectsName(requirement, pod.spec?.priorityClassName);
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

function selectsClaim(requirement: ScopeRequirement, claim: JsonObject): boolean {
  if (requirement.scopeName !== "VolumeAttributesClass") return false;
  const { volumeAttributesClassName } = (claim["spec"] ?? {}) as { volumeAttributesClassName?: string };
  return selectsName(requirement, volumeAttributesClassName);
}

function selectsName({ operator, values = [] }: ScopeRequirement, name: string | undefined): boolean {
  const isSet = name !== undefined && name !== "";
  if (operator === "DoesNotExist") return !isSet;
  if (operator === "Exists") return isSet;
  if (operator === "NotIn") return !isSet || !values.includes(name);
  return isSet && values.includes(name);
}

interface AffinityTerm {
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: object;
}

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const sides = [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity];
  const terms = sides.flatMap((side): AffinityTerm[] => [
    ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((one) => one.podAffinityTerm),
  ]);
  return terms.some(
    ({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined,
  );
}
