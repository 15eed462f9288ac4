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
import { checkName, checkUnique } from "./checks.ts";

const computed = ["cpu", "memory", "ephemeral-storage"];
const counted = [
  ...["pods", "services", "replicationcontrollers", "resourcequotas", "secrets", "configmaps"],
  ...[
    "persistentvolumeclaims",
    "services.nodeports",
    "services.loadbalancers",
    "storage",
    "requests.storage",
  ],
];
const quotaResources: ReadonlySet<string> = new Set([
  ...computed,
  ...computed.flatMap((name) => [`limits.${name}`, `requests.${name}`]),
  ...counted,
]);
const conflicting = [
  ["BestEffort", "NotBestEffort"],
  ["Terminating", "NotTerminating"],
] as const;

function isQuotaResource(name: string): boolean {
  if (quotaResources.has(name) || name.includes("/")) return true;
  return /^(?:requests\.|limits\.)?hugepages-/.test(name);
}

const quota: TypeRule = rule<ResourceQuotaSpec>(({ hard = {}, scopes = [] }, at, errors) => {
  for (const [name, amount] of Object.entries(hard)) {
    const here = at.child("hard").at(name);
    if (isQuotaResource(name)) {
      if (counted.includes(name) && !name.endsWith("storage") && quantityMilliValue(amount) % 1000 !== 0)
        errors.invalid(here, amount, "must be an integer");
    } else if (!qualifiedNameRule(name)) {
      errors.invalid(here, name, "must be a standard resource type or fully qualified");
      errors.invalid(here, name, "must be a standard resource for quota");
    }
  }
  for (const pair of conflicting) {
    if (pair.every((scope) => scopes.includes(scope)))
      errors.invalid(at.child("scopes"), scopes, "conflicting scopes");
  }
});

const scopeSelector: TypeRule = rule<ScopedResourceSelectorRequirement>(
  ({ operator, values = [] }, at, errors) => {
    const one = operator === "In" || operator === "NotIn";
    if (one && values.length === 0)
      errors.required(
        at.child("values"),
        "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
      );
    if (!one && values.length > 0)
      errors.invalid(
        at.child("values"),
        values,
        "must be no value when `operator` is 'Exists' or 'DoesNotExist' for scope selector",
      );
  },
);

const limitTypes = ["Container", "PersistentVolumeClaim", "Pod"];

const limit: TypeRule = rule<LimitRangeItem>((item, at, errors) => {
  if (!limitTypes.includes(item.type ?? ""))
    checkName(item.type, qualifiedNameRule, at.child("type"), errors);
  if (item.type === "PersistentVolumeClaim" && !item.min?.["storage"] && !item.max?.["storage"]) {
    const sentence = "either minimum or maximum storage value is required, but neither was provided";
    errors.required(at.at("limits"), sentence);
  }
  const names = new Set(
    ["min", "max", "default", "defaultRequest"].flatMap((member) =>
      Object.keys((item as unknown as Record<string, object | undefined>)[member] ?? {}),
    ),
  );
  for (const name of names) checkOrder(item, name, at, errors);
  for (const [name, ratio] of Object.entries(item.maxLimitRequestRatio ?? {})) {
    if (compareQuantities(ratio, "1") < 0) {
      const sentence = `ratio ${ratio} is less than 1`;
      errors.invalid(at.child("maxLimitRequestRatio").at(name), ratio, sentence);
    }
  }
});

/** min ≤ defaultRequest ≤ default ≤ max, of those that are there. */
function checkOrder(item: LimitRangeItem, name: string, at: FieldPath, errors: FieldErrors): void {
  const pairs = [
    ["defaultRequest", "min", "default request value", "min value", -1],
    ["defaultRequest", "max", "default request value", "max value", 1],
    ["defaultRequest", "default", "default request value", "default limit value", 1],
    ["default", "min", "default value", "min value", -1],
    ["default", "max", "default value", "max value", 1],
  ] as const;
  for (const [member, other, what, than, sign] of pairs) {
    const value = ownMember(item[member], name);
    const bound = ownMember(item[other], name);
    if (value === undefined || bound === undefined) continue;
    if (Math.sign(compareQuantities(value, bound)) !== sign) continue;
    const sentence = `${what} ${value} is ${sign < 0 ? "less" : "greater"} than ${than} ${bound}`;
    errors.invalid(at.child(member).at(name), value, sentence);
  }
}

export const quotaRules: TypeRules = {
  "core.v1.ResourceQuotaSpec": quota,
  "core.v1.ScopedResourceSelectorRequirement": scopeSelector,
  "core.v1.LimitRangeItem": limit,
  "core.v1.LimitRangeSpec": rule<LimitRangeSpec>(({ limits }, at, errors) =>
    checkUnique(limits, ({ type }) => type, at.child("limits"), errors, "type"),
  ),
};
