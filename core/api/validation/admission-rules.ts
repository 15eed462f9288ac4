import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type { NamedRuleWithOperations } from "../generated/types.ts";
import { pathSegmentRule, qualifiedNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule } from "../schema/check-structure.ts";

const operationsKnown = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"];
const scopes = ["*", "Cluster", "Namespaced"];

/** What a webhook or a policy is about; what is told of it comes in kube-apiserver's order. */
export const admissionRule: TypeRule = rule<NamedRuleWithOperations>((about, at, errors) => {
  const { resourceNames = [], operations = [], apiGroups = [], apiVersions = [], resources = [] } = about;
  for (const [index, name] of resourceNames.entries()) {
    const here = at.child("resourceNames").at(index);
    for (const wrong of pathSegmentRule(name)) errors.invalid(here, name, wrong);
    if (resourceNames.indexOf(name) < index) errors.duplicate(here, name);
  }
  checkList(operations, "operations", at.child("operations"), errors);
  for (const [index, operation] of operations.entries())
    if (!operationsKnown.includes(operation))
      errors.notSupported(at.child("operations").at(index), operation, operationsKnown);
  checkList(apiGroups, "API groups", at.child("apiGroups"), errors);
  checkList(apiVersions, "API versions", at.child("apiVersions"), errors);
  for (const [index, version] of apiVersions.entries())
    if (version === "") errors.required(at.child("apiVersions").at(index));
  checkResources(resources, at.child("resources"), errors);
  const { scope } = about;
  if (scope !== undefined && !scopes.includes(scope)) errors.notSupported(at.child("scope"), scope, scopes);
});

function checkList(list: readonly string[], what: string, at: FieldPath, errors: FieldErrors): void {
  if (list.length === 0) errors.required(at);
  if (list.length > 1 && list.includes("*"))
    errors.invalid(at, list, `if '*' is present, must not specify other ${what}`);
}

/** A star stands for all: what it stands for need not be said again. */
function checkResources(resources: readonly string[], at: FieldPath, errors: FieldErrors): void {
  if (resources.length === 0) errors.required(at);
  const seen = new Set<string>();
  for (const [index, resource] of resources.entries()) {
    if (resource === "") errors.required(at.at(index));
    const slash = resource.indexOf("/");
    if (slash < 0) continue;
    for (const all of [`${resource.slice(0, slash)}/*`, `*/${resource.slice(slash + 1)}`])
      if (seen.has(all))
        errors.invalid(at.at(index), resource, `if '${all}' is present, must not specify ${resource}`);
    seen.add(resource);
  }
  if (resources.length > 1 && resources.includes("*/*"))
    errors.invalid(at, resources, "if '*/*' is present, must not specify other resources");
  const last = resources.findLast((resource) => resource !== "" && !resource.includes("/"));
  if (resources.includes("*") && last !== undefined && last !== "*")
    errors.invalid(at, resources, "if '*' is present, must not specify other resources without subresources");
}

/** Names of match conditions: qualified, and each once. */
export function checkConditionNames(
  conditions: readonly { readonly name?: string }[],
  at: FieldPath,
  errors: FieldErrors,
): void {
  for (const [index, { name }] of conditions.entries()) {
    if (!name) continue;
    const here = at.at(index).child("name");
    for (const wrong of qualifiedNameRule(name)) errors.invalid(here, name, wrong);
    if (conditions.findIndex((other) => other.name === name) < index) errors.duplicate(here, name);
  }
}
