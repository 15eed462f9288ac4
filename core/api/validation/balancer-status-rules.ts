import type { LoadBalancerIngress, Service } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { ipRule } from "../names/ip-rules.ts";
import { dnsSubdomainRule } from "../names/name-rules.ts";
import { checkName } from "./checks.ts";

const at = FieldPath.of("status", "loadBalancer", "ingress");
const modes = ["Proxy", "VIP"];

/** What a balancer tells of itself. */
export function checkBalancerStatus({ spec, status }: Service, errors: FieldErrors): void {
  const points = status?.loadBalancer?.ingress ?? [];
  if (points.length > 0 && spec.type !== "LoadBalancer")
    return errors.forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'");
  for (const [index, point] of points.entries()) {
    const here = at.at(index);
    checkName(point.ip, ipRule, here.child("ip"), errors);
    const { ipMode } = point;
    if (point.ip && ipMode === undefined)
      errors.required(here.child("ipMode"), "must be specified when `ip` is set");
    else if (!point.ip && ipMode !== undefined)
      errors.forbidden(here.child("ipMode"), "may not be specified when `ip` is not set");
    else if (ipMode !== undefined && !modes.includes(ipMode))
      errors.notSupported(here.child("ipMode"), ipMode, modes);
    checkHostname(point, here, errors);
  }
}

export function checkHostname({ hostname }: LoadBalancerIngress, here: FieldPath, errors: FieldErrors): void {
  checkName(hostname, dnsSubdomainRule, here.child("hostname"), errors);
  if (hostname && ipRule(hostname).length === 0)
    errors.invalid(here.child("hostname"), hostname, "must be a DNS name, not an IP address");
}
