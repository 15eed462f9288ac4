import type {
  Container,
  ContainerResizePolicy,
  ContainerRestartRule,
  HTTPGetAction,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { environmentNameRule, qualifiedNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLocalPath, checkName } from "./checks.ts";

const propagations = ["Bidirectional", "HostToContainer", "None"];
const restartPolicies = ["Always", "Never", "OnFailure"];
const fieldPaths = [
  ...["metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"],
  ...["status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"],
];
/** A volume of the downward API may hold the maps as a whole; variables may not, and have what changes no more. */
const mapPaths = ["metadata.annotations", "metadata.labels"];
const subscript = /^(metadata\.(?:annotations|labels))\['(.*)'\]$/;
const resources = [
  ...["limits.cpu", "limits.ephemeral-storage", "limits.memory"],
  ...["requests.cpu", "requests.ephemeral-storage", "requests.memory"],
];

const container: TypeRule = rule<Container>((target, at, errors) => {
  const { restartPolicy, restartPolicyRules = [] } = target;
  if (restartPolicy && !restartPolicies.includes(restartPolicy))
    errors.notSupported(at.child("restartPolicy"), restartPolicy, restartPolicies);
  if (restartPolicyRules.length > 0 && !restartPolicy)
    errors.required(at.child("restartPolicy"), "must specify restartPolicy when restart rules are used");
  for (const { mountPropagation, recursiveReadOnly, readOnly, subPath, subPathExpr } of target.volumeMounts ??
    []) {
    // Upstream tells these of the list and not of the mount.
    const here = at.child("volumeMounts");
    for (const [member, path] of Object.entries({ subPath, subPathExpr }))
      if (path) checkLocalPath(path, here.child(member), errors);
    if (mountPropagation && !propagations.includes(mountPropagation))
      errors.notSupported(here.child("mountPropagation"), mountPropagation, propagations);
    if (mountPropagation === "Bidirectional" && !target.securityContext?.privileged) {
      const sentence = "Bidirectional mount propagation is available only to privileged containers";
      errors.forbidden(here.child("mountPropagation"), sentence);
    }
    if (recursiveReadOnly === undefined || recursiveReadOnly === "Disabled") continue;
    if (recursiveReadOnly !== "Enabled" && recursiveReadOnly !== "IfPossible")
      errors.notSupported(here.child("recursiveReadOnly"), recursiveReadOnly, [
        "Disabled",
        "Enabled",
        "IfPossible",
      ]);
    else if (!readOnly)
      errors.forbidden(here.child("recursiveReadOnly"), "may only be specified when readOnly is true");
    else if (mountPropagation && mountPropagation !== "None") {
      const sentence = "may only be specified when mountPropagation is None or not specified";
      errors.forbidden(here.child("recursiveReadOnly"), sentence);
    }
  }
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
  for (const [index, { valueFrom }] of (target.env ?? []).entries()) {
    const here = at.child("env").at(index).child("valueFrom", "fieldRef", "fieldPath");
    const path = valueFrom?.fieldRef?.fieldPath;
    if (path && mapPaths.includes(path)) errors.notSupported(here, path, fieldPaths);
  }
});

const fieldRef: TypeRule = rule<ObjectFieldSelector>(({ apiVersion, fieldPath }, at, errors) => {
  if (!fieldPath) return;
  const here = at.child("fieldPath");
  if (apiVersion !== "v1") {
    errors.invalid(here, fieldPath, `error converting fieldPath: unsupported pod version: ${apiVersion}`);
    return;
  }
  const [, map, key] = subscript.exec(fieldPath) ?? [];
  if (map !== undefined) {
    const name = map === "metadata.labels" ? key! : key!.toLowerCase();
    for (const wrong of qualifiedNameRule(name)) errors.invalid(at, name, wrong);
  } else if (![...fieldPaths, ...mapPaths].includes(fieldPath))
    errors.invalid(here, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`);
});

const resourceRef: TypeRule = rule<ResourceFieldSelector>(({ resource }, at, errors) => {
  const known = resources.includes(resource) || /^(?:limits|requests)\.hugepages-/.test(resource);
  if (resource && !known) errors.notSupported(at.child("resource"), resource, resources);
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
  "core.v1.ObjectFieldSelector": fieldRef,
  "core.v1.ResourceFieldSelector": resourceRef,
  "core.v1.HTTPGetAction": headers,
  "core.v1.ContainerRestartRule": restartRule,
};
