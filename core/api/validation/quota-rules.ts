import type {
  LimitRangeItem,
  LimitRangeSpec,
  ResourceQuotaSpec,
  ScopedResourceSelectorRequirement,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { ownMember } from "../json/json-value.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";
import { compareQuantities, quantityMilliValue } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkUnique } from "./checks.ts";
import { checkContainerResource, checkResourceName } from "./resource-rules.ts";

/** What is counted in whole. */
const counted: ReadonlySet<string> = new Set([
  ...["pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"],
  ...["persistentvolumeclaims", "services.nodeports", "services.loadbalancers"],
]);
const conflicting = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;
const scopeNames = [
  ...["Terminating", "NotTerminating", "BestEffort", "NotBestEffort"],
  ...["PriorityClass", "CrossNamespacePodAffinity", "VolumeAttributesClass"],
];
/** Scopes that a pod is in or is not, whatever value one could ask for. */
const plainScopes = scopeNames.filter((name) => !name.endsWith("Class"));

const podCompute = ["cpu", "memory"].flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);
/** What a quota of a scope can count; of each resource that a quota knows by name, nothing else. */
const countedIn: Readonly<Record<string, readonly string[]>> = {
  BestEffort: ["pods"],
  VolumeAttributesClass: ["persistentvolumeclaims", "requests.storage"],
  ...Object.fromEntries(
    ["Terminating", "NotTerminating", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"].map(
      (scope) => [scope, ["pods", ...podCompute]],
    ),
  ),
};
const storage = [
  "requests.storage",
  "ephemeral-storage",
  "requests.ephemeral-storage",
  "limits.ephemeral-storage",
];
const standard: ReadonlySet<string> = new Set([...counted, ...podCompute, ...storage]);

/** The resources that a scope cannot have, one for each. */
function misplaced(scope: string, hard: object): string[] {
  const can = countedIn[scope];
  return can ? Object.keys(hard).filter((name) => standard.has(name) && !can.includes(name)) : [];
}

const quota: TypeRule = rule<ResourceQuotaSpec>(({ hard = {}, scopes = [], scopeSelector }, at, errors) => {
  for (const [name, amount] of Object.entries(hard)) {
    const here = at.child("hard").at(name);
    const before = errors.list.length;
    checkResourceName(name, here, errors);
    const isKnown = errors.list.length === before;
    if (!isKnown && !name.includes("/")) errors.invalid(here, name, "must be a standard resource for quota");
    if (isKnown && counted.has(name) && quantityMilliValue(amount) % 1000 !== 0)
      errors.invalid(here, amount, "must be an integer");
  }
  for (const scope of scopes) {
    if (!scopeNames.includes(scope)) errors.invalid(at.child("scopes"), scopes, "unsupported scope");
    for (const _ of misplaced(scope, hard))
      errors.invalid(at.child("scopes"), scopes, "unsupported scope applied to resource");
  }
  for (const pair of conflicting) {
    if (pair.every((scope) => scopes.includes(scope)))
      errors.invalid(at.child("scopes"), scopes, "conflicting scopes");
  }
  // Upstream tells these of the list and not of the item.
  for (const one of scopeSelector?.matchExpressions ?? []) {
    const here = at.child("scopeSelector", "matchExpressions");
    for (const _ of misplaced(one.scopeName, hard))
      errors.invalid(here, scopeSelector, "unsupported scope applied to resource");
    checkScope(one, here, errors);
  }
});

function checkScope(one: ScopedResourceSelectorRequirement, at: FieldPath, errors: FieldErrors): void {
  const { scopeName, operator, values = [] } = one;
  if (!scopeNames.includes(scopeName)) errors.invalid(at.child("scopeName"), scopeName, "unsupported scope");
  if (plainScopes.includes(scopeName) && operator !== "Exists") {
    const scopes =
      "ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort";
    const others = "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
    errors.invalid(
      at.child("operator"),
      operator,
      `must be 'Exists' when scope is any of ${scopes}, ${others}`,
    );
  }
  if (operator === "In" || operator === "NotIn") {
    const sentence = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.required(at.child("values"), sentence);
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const sentence = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.invalid(at.child("values"), values, sentence);
  } else errors.invalid(at.child("operator"), operator, "not a valid selector operator");
}

const limitTypes = ["Container", "PersistentVolumeClaim", "Pod"];

const limit: TypeRule = rule<LimitRangeItem>((item, at, errors) => {
  const { type, min, max, maxLimitRequestRatio } = item;
  const wrong = qualifiedNameRule(type);
  for (const sentence of wrong) errors.invalid(at.child("type"), type, sentence);
  if (wrong.length === 0 && !type.includes("/") && !limitTypes.includes(type))
    errors.invalid(at.child("type"), type, "must be a standard limit type or fully qualified");
  const check = type === "Pod" || type === "Container" ? checkContainerResource : checkResourceName;
  const names = new Set<string>();
  for (const member of ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const) {
    for (const name of Object.keys(item[member] ?? {})) {
      check(name, at.child(member).at(name), errors);
      names.add(name);
    }
  }
  if (type === "PersistentVolumeClaim" && !min?.["storage"] && !max?.["storage"]) {
    const sentence = "either minimum or maximum storage value is required, but neither was provided";
    errors.required(at.child("limits"), sentence);
  }
  for (const name of names) checkOrder(item, name, at, errors);
  for (const [name, ratio] of Object.entries(maxLimitRequestRatio ?? {})) {
    const here = at.child("maxLimitRequestRatio").at(name);
    if (compareQuantities(ratio, "1") < 0) errors.invalid(here, ratio, `ratio ${ratio} is less than 1`);
    const [low, high] = [ownMember(min, name), ownMember(max, name)];
    if (low === undefined || high === undefined) continue;
    const most = quantityMilliValue(high) / quantityMilliValue(low);
    if (quantityMilliValue(ratio) / 1000 > most)
      errors.invalid(here, ratio, `ratio ${ratio} is greater than max/min = ${most.toFixed(6)}`);
  }
});

/** min ≤ defaultRequest ≤ default ≤ max, of those that are there. */
function checkOrder(item: LimitRangeItem, name: string, at: FieldPath, errors: FieldErrors): void {
  const called = {
    min: "min value",
    max: "max value",
    default: "default value",
    defaultRequest: "default request value",
  };
  const pairs = [
    ["min", "max", "min", "min"],
    ["min", "defaultRequest", "defaultRequest", "defaultRequest"],
    ["defaultRequest", "max", "defaultRequest", "defaultRequest"],
    ["defaultRequest", "default", "defaultRequest", "defaultRequest"],
    ["min", "default", "default", "min"],
    ["default", "max", "default", "max"],
  ] as const;
  for (const [less, more, told, shown] of pairs) {
    const [low, high] = [ownMember(item[less], name), ownMember(item[more], name)];
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) continue;
    const than = less === "defaultRequest" && more === "default" ? "default limit value" : called[more];
    const sentence = `${called[less]} ${low} is greater than ${than} ${high}`;
    errors.invalid(at.child(told).at(name), ownMember(item[shown], name), sentence);
  }
}

export const quotaRules: TypeRules = {
  "core.v1.ResourceQuotaSpec": quota,
  "core.v1.LimitRangeItem": limit,
  "core.v1.LimitRangeSpec": rule<LimitRangeSpec>(({ limits }, at, errors) =>
    checkUnique(limits, ({ type }) => type, at.child("limits"), errors, "type"),
  ),
};
