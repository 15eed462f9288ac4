import type {
  FlowSchemaSpec,
  LeaseSpec,
  NamespaceSpec,
  NodeSpec,
  PriorityLevelConfigurationSpec,
  Role,
  RuntimeClass,
} from "../generated/types.ts";
import { cidrRule, isIpv4 } from "../names/ip-rules.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";

import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLabels, checkName, checkUnique } from "./checks.ts";
import { checkAmounts } from "./resource-rules.ts";

const node: TypeRule = rule<NodeSpec>(({ podCIDR, podCIDRs = [] }, at, errors) => {
  const here = at.child("podCIDRs");
  for (const [index, cidr] of podCIDRs.entries()) checkName(cidr, cidrRule, here.at(index), errors);
  if (podCIDRs.length > 2)
    errors.invalid(here, podCIDRs, "may specify no more than one CIDR for each IP family");
  else if (
    podCIDRs.length === 2 &&
    isIpv4(podCIDRs[0]!.split("/")[0]!) === isIpv4(podCIDRs[1]!.split("/")[0]!)
  )
    errors.invalid(here, podCIDRs, "may specify no more than one CIDR for each IP family");
  if (podCIDRs.length > 0 && podCIDR && podCIDRs[0] !== podCIDR)
    errors.invalid(here.at(0), podCIDRs[0], "must match `podCIDR`");
  else checkName(podCIDR, cidrRule, at.child("podCIDR"), errors);
});

const namespace: TypeRule = rule<NamespaceSpec>(({ finalizers = [] }, at, errors) => {
  for (const name of finalizers) {
    checkName(name, qualifiedNameRule, at.child("finalizers"), errors);
    if (!name.includes("/") && name !== "kubernetes")
      errors.invalid(
        at.child("finalizers"),
        name,
        "name is neither a standard finalizer name nor is it fully qualified",
      );
  }
});

const strategies = ["OldestEmulationVersion"];

const lease: TypeRule = rule<LeaseSpec>(({ strategy, preferredHolder }, at, errors) => {
  if (preferredHolder && !strategy)
    errors.forbidden(at.child("preferredHolder"), "may only be specified when `strategy` is defined");
  if (strategy && !strategy.includes("/") && !strategies.includes(strategy))
    errors.notSupported(at.child("strategy"), strategy, strategies);
});

const runtimeClass: TypeRule = rule<RuntimeClass>(({ overhead, scheduling }, at, errors) => {
  checkAmounts(overhead?.podFixed, at.child("overhead", "podFixed"), errors);
  checkLabels(scheduling?.nodeSelector, at.child("scheduling", "nodeSelector"), errors);
  const tolerations = at.child("scheduling", "tolerations");
  checkUnique(scheduling?.tolerations, (one) => JSON.stringify(one), tolerations, errors);
});

const role: TypeRule = rule<Role>(({ rules }, at, errors) => {
  for (const [index, { nonResourceURLs = [] }] of (rules ?? []).entries()) {
    if (nonResourceURLs.length === 0) continue;
    const here = at.child("rules").at(index).child("nonResourceURLs");
    errors.invalid(here, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs");
  }
});

const lastPrecedence = 10_000;

const flowSchema: TypeRule = rule<FlowSchemaSpec>((spec, at, errors) => {
  const { matchingPrecedence: precedence = 1 } = spec;
  const here = at.child("matchingPrecedence");
  if (precedence <= 0) errors.invalid(here, precedence, "must be a positive value");
  if (precedence > lastPrecedence)
    errors.invalid(here, precedence, `must not be greater than ${lastPrecedence}`);
  const methods = ["ByNamespace", "ByUser"];
  const method = spec.distinguisherMethod?.type;
  if (method !== undefined && !methods.includes(method))
    errors.notSupported(at.child("distinguisherMethod").child("type"), method, methods);
});

const priorityLevel: TypeRule = rule<PriorityLevelConfigurationSpec>((spec, at, errors) => {
  const { type, limited, exempt } = spec;
  if (type === "Exempt" && limited)
    errors.forbidden(at.child("limited"), "must be nil if the type is not Limited");
  if (type === "Limited") {
    if (!limited) errors.required(at.child("limited"), "must not be empty when type is Limited");
    if (exempt) errors.forbidden(at.child("exempt"), "must be nil if the type is Limited");
    const { nominalConcurrencyShares: shares = 0 } = limited ?? {};
    if (shares < 0)
      errors.invalid(
        at.child("limited", "nominalConcurrencyShares"),
        shares,
        "must be a non-negative integer",
      );
    const response = limited?.limitResponse;
    if (response?.type === "Reject" && response.queuing)
      errors.forbidden(
        at.child("limited", "limitResponse", "queuing"),
        "must be nil if limited.limitResponse.type is not Limited",
      );
  } else if (type && type !== "Exempt") errors.notSupported(at.child("type"), type, ["Exempt", "Limited"]);
});

export const clusterRules: TypeRules = {
  "core.v1.NodeSpec": node,
  "core.v1.NamespaceSpec": namespace,
  "coordination.v1.LeaseSpec": lease,
  "node.v1.RuntimeClass": runtimeClass,
  "rbac.v1.Role": role,
  "flowcontrol.v1.FlowSchemaSpec": flowSchema,
  "flowcontrol.v1.PriorityLevelConfigurationSpec": priorityLevel,
};
