import type { ServicePort, ServiceSpec } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { ahead, rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkServiceAddresses } from "./service-address-rules.ts";
import { checkLabels, checkName, checkPort, checkPortOrName, checkUnique } from "./checks.ts";

const aDay = 86_400;

const service: TypeRule = rule<ServiceSpec>((spec, at, errors) => {
  const ports = spec.ports ?? [];
  const isHeadless = spec.clusterIP === "None" || spec.clusterIPs?.[0] === "None";
  if (ports.length === 0 && spec.type !== "ExternalName" && !isHeadless) errors.required(at.child("ports"));
  if (spec.type === "ExternalName") checkExternalName(spec, at, errors);
  if (isHeadless && (spec.type === "NodePort" || spec.type === "LoadBalancer")) {
    errors.invalid(
      at.child("clusterIPs").at(0),
      "None",
      `may not be set to 'None' for ${spec.type} services`,
    );
  }
  checkUnique(ports, ({ name }) => name, at.child("ports"), errors, "name");
  checkPairs(ports, at.child("ports"), errors);
  for (const [index, { nodePort }] of ports.entries()) {
    if (nodePort && spec.type === "ClusterIP") {
      errors.forbidden(
        at.child("ports").at(index).child("nodePort"),
        "may not be used when `type` is 'ClusterIP'",
      );
    }
  }
  checkLabels(spec.selector, at.child("selector"), errors);
  if (spec.type !== "ExternalName") errors.list.push(...checkServiceAddresses(spec).list);
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (seconds !== undefined && (seconds < 1 || seconds > aDay)) {
    const here = at.child("sessionAffinityConfig", "clientIP", "timeoutSeconds");
    errors.invalid(here, seconds, `must be greater than 0 and less than ${aDay}`);
  }
});

/** No two ports of a protocol are the same, here and on the nodes. */
function checkPairs(ports: readonly ServicePort[], at: FieldPath, errors: FieldErrors): void {
  const seen = new Set<string>();
  // Node ports that are the same are refused where they are given out.
  for (const member of ["nodePort", "port"] as const) {
    for (const [index, { protocol = "TCP", [member]: number }] of ports.entries()) {
      if (!number) continue;
      const pair = `${member} ${protocol} ${number}`;
      if (seen.has(pair)) {
        // The pair is told as upstream writes a port in full.
        const inFull = {
          Name: "",
          Protocol: protocol,
          AppProtocol: null,
          Port: number,
          TargetPort: 0,
          NodePort: 0,
        };
        if (member === "nodePort") errors.duplicate(at.at(index).child(member), number);
        else errors.duplicate(at.at(index), inFull);
      }
      seen.add(pair);
    }
  }
}

function checkExternalName(spec: ServiceSpec, at: FieldPath, errors: FieldErrors): void {
  for (const member of ["clusterIPs", "ipFamilies"] as const)
    if (spec[member]?.length) errors.forbidden(at.child(member), "may not be set for ExternalName services");
  if (spec.ipFamilyPolicy !== undefined)
    errors.forbidden(at.child("ipFamilyPolicy"), "may not be set for ExternalName services");
  const name = spec.externalName?.replace(/\.$/, "");
  if (name) checkName(name, dnsSubdomainRule, at.child("externalName"), errors);
  else errors.required(at.child("externalName"));
}

const servicePort: TypeRule = rule<ServicePort>(({ name, port, targetPort }, at, errors) => {
  checkName(name, dnsLabelRule, at.child("name"), errors);
  checkPort(port ?? 0, at.child("port"), errors);
  checkPortOrName(targetPort, at.child("targetPort"), errors);
});

const portNames: TypeRule = rule<ServiceSpec>(({ ports = [] }, at, errors) => {
  if (ports.length > 1)
    for (const [index, { name }] of ports.entries())
      if (!name) errors.required(at.child("ports").at(index).child("name"));
});

export const serviceRules: TypeRules = {
  [ahead("core.v1.ServiceSpec", "ports")]: portNames,
  [ahead("core.v1.EndpointSubset", "ports")]: portNames,
  "core.v1.ServiceSpec": service,
  "core.v1.ServicePort": servicePort,
};
