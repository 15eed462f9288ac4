import type {
  Container,
  ContainerResizePolicy,
  ContainerRestartRule,
  HTTPGetAction,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { environmentNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName } from "./checks.ts";

const restartPolicies = ["Always", "Never", "OnFailure"];
const container: TypeRule = rule<Container>((target, at, errors) => {
  const { restartPolicy, restartPolicyRules = [] } = target;
  if (restartPolicy && !restartPolicies.includes(restartPolicy))
    errors.notSupported(at.child("restartPolicy"), restartPolicy, restartPolicies);
  if (restartPolicyRules.length > 0 && !restartPolicy)
    errors.required(at.child("restartPolicy"), "must specify restartPolicy when restart rules are used");
  checkResizePolicies(target.resizePolicy ?? [], at.child("resizePolicy"), errors);
  if (target.readinessProbe?.terminationGracePeriodSeconds !== undefined) {
    const here = at.child("readinessProbe", "terminationGracePeriodSeconds");
    errors.invalid(
      here,
      target.readinessProbe.terminationGracePeriodSeconds,
      "must not be set for readinessProbes",
    );
  }
  for (const [index, { prefix, configMapRef, secretRef }] of (target.envFrom ?? []).entries()) {
    checkName(prefix, environmentNameRule, at.child("envFrom").at(index).child("prefix"), errors);
    if (!configMapRef && !secretRef)
      errors.invalid(at.child("envFrom"), "", "must specify one of: `configMapRef` or `secretRef`");
    if (configMapRef && secretRef)
      errors.invalid(at.child("envFrom"), "", "may not have more than one field specified at a time");
  }
});

const headers: TypeRule = rule<HTTPGetAction>(({ httpHeaders = [] }, at, errors) => {
  for (const { name } of httpHeaders) {
    if (/^[-A-Za-z0-9]+$/.test(name)) continue;
    const sentence =
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
    errors.invalid(at.child("httpHeaders"), name, sentence);
  }
});

/** Upstream tells these of the list, but for a resource that it has twice. */
function checkResizePolicies(
  policies: readonly ContainerResizePolicy[],
  at: FieldPath,
  errors: FieldErrors,
): void {
  const [resourceNames, restarts] = [
    ["cpu", "memory"],
    ["NotRequired", "RestartContainer"],
  ];
  for (const [index, { resourceName = "", restartPolicy = "" }] of policies.entries()) {
    if (policies.findIndex((other) => other.resourceName === resourceName) < index)
      errors.duplicate(at.at(index), resourceName);
    if (resourceName === "") errors.required(at);
    else if (!resourceNames.includes(resourceName)) errors.notSupported(at, resourceName, resourceNames);
    if (restartPolicy === "") errors.required(at);
    else if (!restarts.includes(restartPolicy)) errors.notSupported(at, restartPolicy, restarts);
  }
}

const restartRule: TypeRule = rule<ContainerRestartRule>(({ action, exitCodes }, at, errors) => {
  const actions = ["Restart", "RestartAllContainers"];
  if (action && !actions.includes(action)) errors.notSupported(at.child("action"), action, actions);
  if (!exitCodes) {
    errors.required(at.child("exitCodes"), "must be specified");
    return;
  }
  const { operator, values = [] } = exitCodes;
  if (operator !== "In" && operator !== "NotIn")
    errors.notSupported(at.child("exitCodes", "operator"), operator, ["In", "NotIn"]);
  else if (values.length === 0)
    errors.required(at.child("exitCodes", "values"), "at least one value is required");
});

export const containerExtraRules: TypeRules = {
  "core.v1.Container": container,
  "core.v1.HTTPGetAction": headers,
  "core.v1.ContainerRestartRule": restartRule,
};
