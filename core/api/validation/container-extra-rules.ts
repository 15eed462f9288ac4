import type {
  Container,
  ContainerResizePolicy,
  ContainerRestartRule,
  EnvFromSource,
  HTTPHeader,
  ObjectFieldSelector,
  Probe,
  ResourceFieldSelector,
} from "../generated/types.ts";
import { labelValueRule, qualifiedNameRule, strictEnvironmentNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, membersSet } from "./checks.ts";

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
  for (const [index, { mountPropagation, recursiveReadOnly, readOnly }] of (
    target.volumeMounts ?? []
  ).entries()) {
    const here = at.child("volumeMounts").at(index);
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
  }
  if (target.readinessProbe?.terminationGracePeriodSeconds !== undefined) {
    const here = at.child("readinessProbe", "terminationGracePeriodSeconds");
    errors.invalid(
      here,
      target.readinessProbe.terminationGracePeriodSeconds,
      "must not be set for readinessProbes",
    );
  }
  for (const [index, { prefix }] of (target.envFrom ?? []).entries())
    checkName(prefix, strictEnvironmentNameRule, at.child("envFrom").at(index).child("prefix"), errors);
  for (const [index, { valueFrom }] of (target.env ?? []).entries()) {
    const here = at.child("env").at(index).child("valueFrom", "fieldRef", "fieldPath");
    const path = valueFrom?.fieldRef?.fieldPath;
    if (path && mapPaths.includes(path)) errors.notSupported(here, path, fieldPaths);
  }
});

const envFrom: TypeRule = rule<EnvFromSource>((source, at, errors) => {
  const set = membersSet(source, ["configMapRef", "secretRef"]);
  if (set.length === 0) errors.invalid(at, "", "must specify one of: `configMapRef` or `secretRef`");
  if (set.length > 1) errors.invalid(at, "", "may not have more than one field specified at a time");
});

const fieldRef: TypeRule = rule<ObjectFieldSelector>(({ fieldPath }, at, errors) => {
  if (!fieldPath) return;
  const here = at.child("fieldPath");
  const [, map, key] = subscript.exec(fieldPath) ?? [];
  if (map !== undefined) checkName(key!.toLowerCase(), qualifiedNameRule, here, errors);
  else if (![...fieldPaths, ...mapPaths].includes(fieldPath))
    errors.invalid(here, fieldPath, `error converting fieldPath: field label not supported: ${fieldPath}`);
});

const resourceRef: TypeRule = rule<ResourceFieldSelector>(({ resource }, at, errors) => {
  const known = resources.includes(resource) || /^(?:limits|requests)\.hugepages-/.test(resource);
  if (resource && !known) errors.notSupported(at.child("resource"), resource, resources);
});

const header: TypeRule = rule<HTTPHeader>(({ name }, at, errors) => {
  if (name && !/^[-A-Za-z0-9]+$/.test(name)) {
    const sentence =
      "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
    errors.invalid(at.child("name"), name, sentence);
  }
});

const schemes = ["HTTP", "HTTPS"];

const probe: TypeRule = rule<Probe>(({ httpGet, grpc }, at, errors) => {
  if (httpGet?.scheme && !schemes.includes(httpGet.scheme))
    errors.notSupported(at.child("httpGet", "scheme"), httpGet.scheme, schemes);
  checkName(grpc?.service, labelValueRule, at.child("grpc", "service"), errors);
});

const resizePolicy: TypeRule = rule<ContainerResizePolicy>(({ resourceName, restartPolicy }, at, errors) => {
  if (resourceName && resourceName !== "cpu" && resourceName !== "memory")
    errors.notSupported(at.child("resourceName"), resourceName, ["cpu", "memory"]);
  const known = ["NotRequired", "RestartContainer"];
  if (restartPolicy && !known.includes(restartPolicy))
    errors.notSupported(at.child("restartPolicy"), restartPolicy, known);
});

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
  if (values.length === 0) errors.required(at.child("exitCodes", "values"), "at least one value is required");
});

export const containerExtraRules: TypeRules = {
  "core.v1.Container": container,
  "core.v1.EnvFromSource": envFrom,
  "core.v1.ObjectFieldSelector": fieldRef,
  "core.v1.ResourceFieldSelector": resourceRef,
  "core.v1.HTTPHeader": header,
  "core.v1.Probe": probe,
  "core.v1.ContainerResizePolicy": resizePolicy,
  "core.v1.ContainerRestartRule": restartRule,
};
