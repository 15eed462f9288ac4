import type { PodSpec, ResourceRequirements } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { ownMember } from "../json/json-value.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";
import { compareQuantities, parseQuantity, quantityMilliValue, quantityValue } from "../quantity/quantity.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";

type Amounts = Readonly<Record<string, string>>;

const standard = new Set(["cpu", "memory", "ephemeral-storage", "storage"]);

/** Resources that cannot be shared out more than once: extended ones and huge pages. */
function isExclusive(name: string): boolean {
  return !standard.has(name) && (name.startsWith("hugepages-") || !isNative(name));
}

/** Names without a domain, or below kubernetes.io, are the project's own. */
function isNative(name: string): boolean {
  return !name.includes("/") || name.split("/")[0]!.endsWith("kubernetes.io");
}

export function checkAmounts(amounts: Amounts | undefined, at: FieldPath, errors: FieldErrors): void {
  for (const [name, amount] of Object.entries(amounts ?? {})) {
    const here = at.at(name);
    if (compareQuantities(amount, "0") < 0)
      errors.invalid(here, amount, "must be greater than or equal to 0");
    if (isExclusive(name) && quantityMilliValue(amount) % 1000 !== 0)
      errors.invalid(here, amount, "must be an integer");
  }
}

const kindsCounted = [
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "configmaps",
];
const computed = ["cpu", "memory", "ephemeral-storage"];
/** Everything that is counted or measured without a domain in its name. */
const namedPlainly: ReadonlySet<string> = new Set([
  ...computed.flatMap((name) => [name, `limits.${name}`, `requests.${name}`]),
  ...[...kindsCounted, "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"],
  ...["storage", "requests.storage"],
]);

/** Complains of a name that nobody knows, and answers whether a rule of its place may still be told of it. */
export function checkResourceName(name: string, at: FieldPath, errors: FieldErrors): void {
  const wrong = qualifiedNameRule(name);
  for (const sentence of wrong) errors.invalid(at, name, sentence);
  const isKnown = name.includes("/") || namedPlainly.has(name) || /^(?:requests\.)?hugepages-/.test(name);
  if (wrong.length === 0 && !isKnown)
    errors.invalid(at, name, "must be a standard resource type or fully qualified");
}

/** What a container can be given without a domain in its name. */
export function checkContainerResource(name: string, at: FieldPath, errors: FieldErrors): void {
  checkResourceName(name, at, errors);
  if (!isNative(name) && (name.startsWith("requests.") || qualifiedNameRule(`requests.${name}`).length > 0))
    errors.invalid(at, name, "doesn't follow extended resource name standard");
  if (name.includes("/") || name.startsWith("hugepages-") || computed.includes(name)) return;
  errors.invalid(at, name, "must be a standard resource for containers");
}

/** Huge pages are whole. */
function checkPages(amounts: Amounts, at: FieldPath, errors: FieldErrors): void {
  for (const [name, amount] of Object.entries(amounts)) {
    if (!name.startsWith("hugepages-")) continue;
    const size =
      parseQuantity(name.slice("hugepages-".length)) && quantityValue(name.slice("hugepages-".length));
    if (!size || size < 0 || quantityValue(amount) % size !== 0)
      errors.invalid(at.at(name), amount, `${amount} is not positive integer multiple of ${name}`);
  }
}

/** What can be given to the containers of a pod together. */
function checkPodResources({ resources = {} }: PodSpec, at: FieldPath, errors: FieldErrors): void {
  for (const member of ["limits", "requests"] as const)
    for (const name of Object.keys(resources[member] ?? {})) {
      const isNamed = name.includes("/") ? qualifiedNameRule(name).length === 0 : namedPlainly.has(name);
      if (isNamed && name !== "cpu" && name !== "memory") {
        const here = at.child("resources", member).at(name);
        errors.notSupported(here, name, ["cpu", "hugepages-", "memory"]);
      }
    }
}

const requirements: TypeRule = rule<ResourceRequirements>(({ limits = {}, requests = {} }, at, errors) => {
  for (const [member, amounts] of Object.entries({ limits, requests })) {
    for (const name of Object.keys(amounts)) checkContainerResource(name, at.child(member).at(name), errors);
    checkAmounts(amounts, at.child(member), errors);
    checkPages(amounts, at.child(member), errors);
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = ownMember(limits, name);
    const here = at.child("requests");
    if (limit === undefined) {
      if (isExclusive(name))
        errors.required(at.child("limits"), "Limit must be set for non overcommitable resources");
    } else if (isExclusive(name)) {
      if (compareQuantities(amount, limit) !== 0)
        errors.invalid(here, amount, `must be equal to ${name} limit of ${limit}`);
    } else if (compareQuantities(amount, limit) > 0) {
      errors.invalid(here, amount, `must be less than or equal to ${name} limit of ${limit}`);
    }
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  const hasPages = names.some((name) => name.startsWith("hugepages-"));
  if (hasPages && !names.includes("cpu") && !names.includes("memory"))
    errors.forbidden(at, "HugePages require cpu or memory");
});

export const resourceRules: TypeRules = {
  "core.v1.ResourceRequirements": requirements,
  "core.v1.PodSpec": rule<PodSpec>(checkPodResources),
};
