import type { Service, ServicePort, ServiceSpec } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { ipRule } from "../names/ip-rules.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLabels, checkName, checkPort, checkPortOrName, checkRange, checkUnique } from "./checks.ts";

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
  if (ports.length > 1) {
    for (const [index, { name }] of ports.entries())
      if (!name) errors.required(at.child("ports").at(index).child("name"));
  }
  checkUnique(ports, ({ name }) => name, at.child("ports"), errors, "name");
  checkUnique(ports, ({ port, protocol = "TCP" }) => `${protocol}/${port}`, at.child("ports"), errors);
  checkUnique(
    ports,
    ({ nodePort, protocol = "TCP" }) => nodePort && `${protocol}/${nodePort}`,
    at.child("ports"),
    errors,
    "nodePort",
  );
  for (const [index, { nodePort }] of ports.entries()) {
    if (nodePort && spec.type === "ClusterIP") {
      errors.forbidden(
        at.child("ports").at(index).child("nodePort"),
        "may not be used when `type` is 'ClusterIP'",
      );
    }
  }
  checkLabels(spec.selector, at.child("selector"), errors);
  for (const [index, address] of (spec.clusterIPs ?? []).entries()) {
    if (address !== "None") checkName(address, ipRule, at.child("clusterIPs").at(index), errors);
  }
  for (const [index, address] of (spec.externalIPs ?? []).entries()) {
    checkName(address, ipRule, at.child("externalIPs").at(index), errors);
  }
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  checkRange(seconds, 1, aDay, at.child("sessionAffinityConfig", "clientIP", "timeoutSeconds"), errors);
});

function checkExternalName(spec: ServiceSpec, at: FieldPath, errors: FieldErrors): void {
  if (spec.clusterIP)
    errors.forbidden(at.child("clusterIPs").at(0), "may not be set when `type` is 'ExternalName'");
  const name = spec.externalName?.replace(/\.$/, "");
  if (name) checkName(name, dnsSubdomainRule, at.child("externalName"), errors);
  else errors.required(at.child("externalName"));
}

const servicePort: TypeRule = rule<ServicePort>(({ name, port, targetPort, nodePort }, at, errors) => {
  checkName(name, dnsLabelRule, at.child("name"), errors);
  checkPort(port ?? 0, at.child("port"), errors);
  checkPortOrName(targetPort, at.child("targetPort"), errors);
  if (nodePort) checkPort(nodePort, at.child("nodePort"), errors);
});

export const serviceRules: TypeRules = {
  "core.v1.ServiceSpec": service,
  "core.v1.ServicePort": servicePort,
};

/** An address once given stays, as long as the service has one at all. */
export function checkServiceUpdate(service: Service, old: Service, errors: FieldErrors): void {
  if (service.spec.type === "ExternalName" || old.spec.type === "ExternalName") return;
  const before = old.spec.clusterIP;
  if (before && service.spec.clusterIP !== before) {
    const at = FieldPath.of("spec", "clusterIPs").at(0);
    errors.invalid(at, service.spec.clusterIP ?? "", "may not change once set");
  }
}
