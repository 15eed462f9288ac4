import type {
  FlowSchema,
  FlowSchemaSpec,
  LimitedPriorityLevelConfiguration,
  NonResourcePolicyRule,
  PolicyRulesWithSubjects,
  PriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  QueuingConfiguration,
  ResourcePolicyRule,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkRange } from "./checks.ts";

const lastPrecedence = 10_000;
const methods = ["ByNamespace", "ByUser"];
const subjectKinds = ["Group", "ServiceAccount", "User"];
const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"];

const flowSchema = rule<FlowSchema>(({ metadata, spec }, _, errors) => {
  const at = FieldPath.of("spec");
  const { matchingPrecedence: precedence = 1 } = (spec ?? {}) as Partial<FlowSchemaSpec>;
  const here = at.child("matchingPrecedence");
  if (precedence <= 0) errors.invalid(here, precedence, "must be a positive value");
  if (precedence > lastPrecedence)
    errors.invalid(here, precedence, `must not be greater than ${lastPrecedence}`);
  if (precedence === 1 && metadata.name !== "exempt")
    errors.invalid(here, precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
  const method = spec?.distinguisherMethod?.type;
  if (method !== undefined && !methods.includes(method))
    errors.notSupported(at.child("distinguisherMethod", "type"), { Type: method }, methods);
  const level = at.child("priorityLevelConfiguration", "name");
  const name = spec?.priorityLevelConfiguration?.name;
  if (!name) errors.required(level, "must reference a priority level");
  checkName(name, dnsSubdomainRule, level, errors);
  for (const [index, one] of (spec?.rules ?? []).entries())
    checkRules(one, at.child("rules").at(index), errors);
});

function checkRules(rules: PolicyRulesWithSubjects, at: FieldPath, errors: FieldErrors): void {
  const { subjects, resourceRules = [], nonResourceRules = [] } = rules;
  if ((subjects ?? []).length === 0)
    errors.required(at.child("subjects"), "subjects must contain at least one value");
  for (const [index, { kind, user, group, serviceAccount }] of (subjects ?? []).entries()) {
    const here = at.child("subjects").at(index);
    if (!subjectKinds.includes(kind)) errors.notSupported(here.child("kind"), kind, subjectKinds);
    const [member, there] =
      kind === "User"
        ? ["user", user]
        : kind === "Group"
          ? ["group", group]
          : ["serviceAccount", serviceAccount];
    if (subjectKinds.includes(kind) && !there)
      errors.required(here.child(member), `${member} is required when subject kind is '${kind}'`);
  }
  if (resourceRules.length + nonResourceRules.length === 0)
    errors.required(at, "at least one of resourceRules and nonResourceRules has to be non-empty");
  for (const [index, one] of resourceRules.entries())
    checkResourceRule(one, at.child("resourceRules").at(index), errors);
  for (const [index, one] of nonResourceRules.entries())
    checkUrlRule(one, at.child("nonResourceRules").at(index), errors);
}

function checkVerbs(wanted: readonly string[], at: FieldPath, errors: FieldErrors): void {
  if (wanted.length === 0) errors.required(at, "verbs must contain at least one value");
  else if (wanted.includes("*")) checkAlone(wanted, "verbs", at, errors);
  else if (wanted.some((one) => !verbs.includes(one))) errors.notSupported(at, wanted, verbs);
}

function checkAlone(items: readonly string[], what: string, at: FieldPath, errors: FieldErrors): void {
  if (items.includes("*") && items.length > 1)
    errors.invalid(at, items, `if '*' is present, must not specify other ${what}`);
}

function checkResourceRule(one: ResourcePolicyRule, at: FieldPath, errors: FieldErrors): void {
  checkVerbs(one.verbs ?? [], at.child("verbs"), errors);
  for (const [member, what, single] of [
    ["apiGroups", "api groups", "api group"],
    ["resources", "resources", "resource"],
  ] as const) {
    const items = one[member] ?? [];
    if (items.length === 0)
      errors.required(at.child(member), `resource rules must supply at least one ${single}`);
    else checkAlone(items, what, at.child(member), errors);
  }
  const namespaces = one.namespaces ?? [];
  const here = at.child("namespaces");
  if (namespaces.length === 0 && !one.clusterScope)
    errors.required(here, "resource rules that are not cluster scoped must supply at least one namespace");
  if (namespaces.includes("*")) return checkAlone(namespaces, "namespaces", here, errors);
  for (const [index, name] of namespaces.entries())
    for (const wrong of dnsLabelRule(name))
      errors.invalid(
        here.at(index),
        name,
        `each member of this list must be '*' or a DNS-1123 label; ${wrong}`,
      );
}

function checkUrlRule(one: NonResourcePolicyRule, at: FieldPath, errors: FieldErrors): void {
  checkVerbs(one.verbs ?? [], at.child("verbs"), errors);
  const urls = one.nonResourceURLs ?? [];
  const here = at.child("nonResourceURLs");
  if (urls.length === 0) errors.required(here, "nonResourceURLs must contain at least one value");
  if (urls.includes("*")) return checkAlone(urls, "nonResourceURLs", here, errors);
  for (const [index, url] of urls.entries()) {
    const wrong = wrongUrl(url);
    if (wrong) errors.invalid(here.at(index), url, wrong);
  }
}

function wrongUrl(url: string): string | undefined {
  if (url === "") return "nonResourceURL must not be empty";
  if (!url.startsWith("/")) return "must start with slash";
  if (url.includes(" ")) return "must not contain white-space";
  if (url.includes("//")) return "must not contain double slash";
  if (url === "/*" || !url.includes("*")) return undefined;
  return /^[^*]*\/\*$/.test(url) ? undefined : "wildcard can only do suffix matching";
}

const priorityLevel = rule<PriorityLevelConfiguration>(({ metadata, spec }, _, errors) => {
  const at = FieldPath.of("spec");
  const { type = "", limited, exempt } = (spec ?? {}) as Partial<PriorityLevelConfigurationSpec>;
  if ((metadata.name === "exempt") !== (type === "Exempt") && (type === "Exempt" || type === "Limited"))
    errors.invalid(at.child("type"), type, "must be 'Exempt' if and only if `name` is 'exempt'");
  if (type === "Exempt" && limited)
    errors.forbidden(at.child("limited"), "must be nil if the type is not Limited");
  else if (type === "Limited") {
    if (!limited) errors.required(at.child("limited"), "must not be empty when type is Limited");
    if (exempt) errors.forbidden(at.child("exempt"), "must be nil if the type is Limited");
    if (limited) checkLimited(limited, at.child("limited"), errors);
  } else if (type !== "Exempt") errors.notSupported(at.child("type"), type, ["Exempt", "Limited"]);
});

function checkLimited(limited: LimitedPriorityLevelConfiguration, at: FieldPath, errors: FieldErrors): void {
  const { nominalConcurrencyShares: shares, lendablePercent, borrowingLimitPercent, limitResponse } = limited;
  if ((shares ?? 0) < 0)
    errors.invalid(at.child("nominalConcurrencyShares"), shares, "must be a non-negative integer");
  const here = at.child("limitResponse");
  const { type = "", queuing } = limitResponse ?? {};
  if (type === "Reject" && queuing)
    errors.forbidden(here.child("queuing"), "must be nil if limited.limitResponse.type is not Limited");
  else if (type === "Queue" && !queuing)
    errors.required(here.child("queuing"), "must not be empty if limited.limitResponse.type is Limited");
  else if (type === "Queue") checkQueuing(queuing!, here.child("queuing"), errors);
  else if (type !== "Reject") errors.notSupported(here.child("type"), type, ["Queue", "Reject"]);
  checkRange(lendablePercent, 0, 100, at.child("lendablePercent"), errors);
  if ((borrowingLimitPercent ?? 0) < 0)
    errors.invalid(
      at.child("borrowingLimitPercent"),
      borrowingLimitPercent,
      "if specified, must be a non-negative integer",
    );
}

function checkQueuing(queuing: QueuingConfiguration, at: FieldPath, errors: FieldErrors): void {
  const { queueLengthLimit = 1, queues = 1, handSize = 1 } = queuing;
  for (const [member, value] of Object.entries({ queueLengthLimit, queues, handSize }))
    if (value <= 0) errors.invalid(at.child(member), value, "must be positive");
  if (handSize > queues)
    errors.invalid(at.child("handSize"), handSize, `should not be greater than queues (${queues})`);
}

/** Which requests belong together, and how many of them are served at a time. */
export const flowRules: TypeRules = {
  "flowcontrol.v1.FlowSchema": flowSchema,
  "flowcontrol.v1.PriorityLevelConfiguration": priorityLevel,
};
