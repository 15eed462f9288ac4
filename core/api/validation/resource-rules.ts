import type { ResourceRequirements } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { ownMember } from "../json/json-value.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";
import { compareQuantities, quantityMilliValue } from "../quantity/quantity.ts";
import { rule, type TypeRule } from "../schema/check-structure.ts";
import { checkName } from "./checks.ts";

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
    checkName(name, qualifiedNameRule, here, errors);
    if (compareQuantities(amount, "0") < 0)
      errors.invalid(here, amount, "must be greater than or equal to 0");
    if (isExclusive(name) && quantityMilliValue(amount) % 1000 !== 0)
      errors.invalid(here, amount, "must be an integer");
  }
}

/** What a container can be given without a domain in its name. */
function checkContainerResources(amounts: Amounts, at: FieldPath, errors: FieldErrors): void {
  for (const name of Object.keys(amounts)) {
    if (name.includes("/") || name.startsWith("hugepages-")) continue;
    if (name === "storage" || !standard.has(name))
      errors.invalid(at.at(name), name, "must be a standard resource for containers");
  }
}

const requirements: TypeRule = rule<ResourceRequirements>(({ limits = {}, requests = {} }, at, errors) => {
  checkAmounts(limits, at.child("limits"), errors);
  checkAmounts(requests, at.child("requests"), errors);
  checkContainerResources(limits, at.child("limits"), errors);
  checkContainerResources(requests, at.child("requests"), errors);
  for (const [name, amount] of Object.entries(requests)) {
    const limit = ownMember(limits, name);
    const here = at.child("requests").at(name);
    if (limit === undefined) {
      if (isExclusive(name))
        errors.required(at.child("limits"), "Limit must be set for non overcommitable resources");
    } else if (isExclusive(name)) {
      if (compareQuantities(amount, limit) !== 0)
        errors.invalid(here, amount, `must be equal to ${name} limit of ${limit}`);
    } else if (compareQuantities(amount, limit) > 0) {
      errors.invalid(at.child("requests"), amount, `must be less than or equal to ${name} limit of ${limit}`);
    }
  }
});

export const resourceRules = { "core.v1.ResourceRequirements": requirements };
