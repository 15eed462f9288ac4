import type {
  LabelSelectorRequirement,
  NodeSelectorRequirement,
  PodSpec,
  Toleration,
  TopologySpreadConstraint,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { ipRule } from "../names/ip-rules.ts";
import { dnsLabelRule, dnsSubdomainRule, labelValueRule, qualifiedNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLabels, checkName, checkRange, checkUnique } from "./checks.ts";

const largestInt32 = 2 ** 31 - 1;

const podSpec: TypeRule = rule<PodSpec>((spec, at, errors) => {
  const groups = [
    ["containers", spec.containers ?? []],
    ["initContainers", spec.initContainers ?? []],
    ["ephemeralContainers", spec.ephemeralContainers ?? []],
  ] as const;
  const names = new Set<string>();
  for (const [group, containers] of groups) {
    for (const [index, container] of containers.entries()) {
      const here = at.child(group).at(index);
      if (names.has(container.name)) errors.duplicate(here.child("name"), container.name);
      names.add(container.name);
    }
  }
  checkInitContainers(spec, at, errors);
  checkUnique(spec.volumes, ({ name }) => name, at.child("volumes"), errors, "name");
  checkNames(spec, at, errors);
  checkLabels(spec.nodeSelector, at.child("nodeSelector"), errors);
  checkRange(spec.activeDeadlineSeconds, 1, largestInt32, at.child("activeDeadlineSeconds"), errors);
  checkHostPorts(spec, at, errors);
  if (spec.dnsPolicy === "None") {
    if (!spec.dnsConfig)
      errors.required(at.child("dnsConfig"), "must provide `dnsConfig` when `dnsPolicy` is None");
    else if (!spec.dnsConfig.nameservers?.length)
      errors.required(
        at.child("dnsConfig", "nameservers"),
        "must provide at least one DNS nameserver when `dnsPolicy` is None",
      );
  }
  for (const [index, address] of (spec.dnsConfig?.nameservers ?? []).entries()) {
    checkName(address, ipRule, at.child("dnsConfig", "nameservers").at(index), errors);
  }
  for (const [index, { ip, hostnames = [] }] of (spec.hostAliases ?? []).entries()) {
    const here = at.child("hostAliases").at(index);
    for (const wrong of ipRule(ip ?? "")) errors.invalid(here.child("ip"), ip ?? "", wrong);
    for (const [position, hostname] of hostnames.entries())
      checkName(hostname, dnsSubdomainRule, here.child("hostnames").at(position), errors);
  }
});

/** Init containers that run beside the others may be probed; the others come to an end. */
function checkInitContainers(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  for (const [index, container] of (spec.initContainers ?? []).entries()) {
    if (container.restartPolicy === "Always") continue;
    const here = at.child("initContainers").at(index);
    for (const member of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const) {
      if (container[member])
        errors.forbidden(
          here.child(member),
          "may not be set for init containers without restartPolicy=Always",
        );
    }
  }
}

function checkNames(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  checkName(spec.nodeName, dnsSubdomainRule, at.child("nodeName"), errors);
  checkName(spec.serviceAccountName, dnsSubdomainRule, at.child("serviceAccountName"), errors);
  checkName(spec.hostname, dnsLabelRule, at.child("hostname"), errors);
  checkHostnameOverride(spec, at, errors);
  checkName(spec.subdomain, dnsLabelRule, at.child("subdomain"), errors);
  checkName(spec.runtimeClassName, dnsSubdomainRule, at.child("runtimeClassName"), errors);
  checkName(spec.priorityClassName, dnsSubdomainRule, at.child("priorityClassName"), errors);
}

/** Kernels take no longer name of a host. */
const longestHostname = 64;

function checkHostnameOverride(
  { hostnameOverride: name, hostNetwork, setHostnameAsFQDN }: PodSpec,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (name === undefined) return;
  const here = at.child("hostnameOverride");
  checkName(name, dnsSubdomainRule, here, errors);
  if (name.length > longestHostname) errors.tooLong(here, longestHostname);
  if (setHostnameAsFQDN) errors.forbidden(here, "may not be specified when setHostnameAsFQDN is true");
  if (hostNetwork) errors.forbidden(here, "may not be specified when hostNetwork is true");
}

function checkHostPorts(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const taken = new Set<string>();
  for (const [index, { ports = [] }] of (spec.containers ?? []).entries()) {
    for (const [position, { hostPort, containerPort, hostIP = "", protocol = "TCP" }] of ports.entries()) {
      if (!hostPort) continue;
      const here = at.child("containers").at(index).child("ports").at(position);
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) errors.duplicate(here.child("hostPort"), key);
      taken.add(key);
      if (spec.hostNetwork && hostPort !== containerPort) {
        errors.invalid(
          here.child("hostPort"),
          hostPort,
          "must match `containerPort` when `hostNetwork` is true",
        );
      }
    }
  }
}

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const tolerationOperators = ["Equal", "Exists"];
/** Behind the gate TaintTolerationComparisonOperators, which is closed. */
const comparisons = ["Lt", "Gt"];

function checkTolerationOperator({ operator, value }: Toleration, at: FieldPath, errors: FieldErrors): void {
  if (operator === "Exists") {
    if (value) errors.invalid(at, value, "value must be empty when `operator` is 'Exists'");
  } else if (operator && comparisons.includes(operator))
    errors.notSupported(at, operator, [...tolerationOperators, ...comparisons]);
  else if (operator && operator !== "Equal") errors.notSupported(at, operator, tolerationOperators);
  else {
    const wrong = labelValueRule(value ?? "");
    if (wrong.length > 0) errors.invalid(at, value, wrong.join(";"));
  }
}

const toleration: TypeRule = rule<Toleration>((target, at, errors) => {
  checkName(target.key, qualifiedNameRule, at.child("key"), errors);
  if (!target.key && target.operator !== "Exists") {
    errors.invalid(
      at.child("operator"),
      target.operator ?? "",
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
    );
  }
  if (target.tolerationSeconds !== undefined && target.effect !== "NoExecute") {
    errors.invalid(
      at.child("effect"),
      target.effect ?? "",
      "effect must be 'NoExecute' when `tolerationSeconds` is set",
    );
  }
  checkTolerationOperator(target, at.child("operator"), errors);
  if (target.effect && !effects.includes(target.effect))
    errors.notSupported(at.child("effect"), target.effect, effects);
});

const selectorOperators = ["DoesNotExist", "Exists", "In", "NotIn"];

/** Requirements of label selectors; those of node selectors may compare numbers, too. */
function requirement(operators: readonly string[]): TypeRule {
  return rule<LabelSelectorRequirement | NodeSelectorRequirement>(
    ({ key, operator, values = [] }, at, errors) => {
      checkName(key, qualifiedNameRule, at.child("key"), errors);
      if (operator === "In" || operator === "NotIn") {
        if (values.length === 0)
          errors.required(at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
      } else if (operator === "Exists" || operator === "DoesNotExist") {
        if (values.length > 0)
          errors.forbidden(
            at.child("values"),
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          );
      } else if (!operators.includes(operator)) {
        // Of node selectors the schema knows the operators itself.
        if (!operator || operators === selectorOperators)
          errors.invalid(at.child("operator"), operator ?? "", "not a valid selector operator");
      } else if (values.length !== 1) {
        errors.required(at.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'");
      }
      for (const [index, value] of values.entries())
        checkName(value, labelValueRule, at.child("values").at(index), errors);
    },
  );
}

export const podRules: TypeRules = {
  "core.v1.PodSpec": podSpec,
  "core.v1.Toleration": toleration,
  "core.v1.NodeSelectorRequirement": requirement([...selectorOperators, "Gt", "Lt"]),
  "meta.v1.LabelSelectorRequirement": requirement(selectorOperators),
  "meta.v1.LabelSelector": rule<{ matchLabels?: Record<string, string> }>(({ matchLabels }, at, errors) =>
    checkLabels(matchLabels, at.child("matchLabels"), errors),
  ),
  "core.v1.TopologySpreadConstraint": rule<TopologySpreadConstraint>(
    ({ maxSkew, minDomains }, at, errors) => {
      for (const [member, value] of Object.entries({ maxSkew: maxSkew ?? 0, minDomains }))
        if (value !== undefined && value <= 0)
          errors.invalid(at.child(member), value, "must be greater than zero");
    },
  ),
};
