import type { NamespaceSpec, NodeSpec, Role, RuntimeClass } from "../generated/types.ts";
import { cidrRule, isIpv4 } from "../names/ip-rules.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";

import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLabels, checkName } from "./checks.ts";
import { checkAmounts } from "./resource-rules.ts";

const node: TypeRule = rule<NodeSpec>(({ podCIDRs = [] }, at, errors) => {
  const here = at.child("podCIDRs");
  for (const [index, cidr] of podCIDRs.entries()) checkName(cidr, cidrRule, here.at(index), errors);
  if (podCIDRs.length > 2)
    errors.invalid(here, podCIDRs, "may specify no more than one CIDR for each IP family");
  else if (
    podCIDRs.length === 2 &&
    isIpv4(podCIDRs[0]!.split("/")[0]!) === isIpv4(podCIDRs[1]!.split("/")[0]!)
  )
    errors.invalid(here, podCIDRs, "may specify no more than one CIDR for each IP family");
});

const namespace: TypeRule = rule<NamespaceSpec>(({ finalizers = [] }, at, errors) => {
  for (const name of finalizers) {
    const here = at.child("finalizers");
    checkName(name, qualifiedNameRule, here, errors);
    if (!name.includes("/") && name !== "kubernetes")
      errors.invalid(here, name, "name is neither a standard finalizer name nor is it fully qualified");
  }
});

const runtimeClass: TypeRule = rule<RuntimeClass>(({ overhead, scheduling }, at, errors) => {
  checkAmounts(overhead?.podFixed, at.child("overhead", "podFixed"), errors);
  checkLabels(scheduling?.nodeSelector, at.child("scheduling", "nodeSelector"), errors);
  const tolerations = at.child("scheduling", "tolerations");
  const seen = new Set<string>();
  for (const [index, one] of (scheduling?.tolerations ?? []).entries()) {
    const { key = "", operator = "", value = "", effect = "", tolerationSeconds = null } = one;
    // Told as upstream writes a toleration in full.
    const inFull = {
      Key: key,
      Operator: operator,
      Value: value,
      Effect: effect,
      TolerationSeconds: tolerationSeconds,
    };
    const text = JSON.stringify(inFull);
    if (seen.has(text)) errors.duplicate(tolerations.at(index), inFull);
    seen.add(text);
  }
});

const role: TypeRule = rule<Role>(({ rules }, at, errors) => {
  for (const [index, { nonResourceURLs = [] }] of (rules ?? []).entries()) {
    if (nonResourceURLs.length === 0) continue;
    const here = at.child("rules").at(index).child("nonResourceURLs");
    errors.invalid(here, nonResourceURLs, "namespaced rules cannot apply to non-resource URLs");
  }
});

export const clusterRules: TypeRules = {
  "core.v1.NodeSpec": node,
  "core.v1.NamespaceSpec": namespace,
  "node.v1.RuntimeClass": runtimeClass,
  "rbac.v1.Role": role,
};
