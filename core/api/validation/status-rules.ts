import type { Pod } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import type { JsonObject } from "../json/json-value.ts";
import { ipRule } from "../names/ip-rules.ts";
import { dnsSubdomainRule, qualifiedNameRule } from "../names/name-rules.ts";
import { checkImmutable, checkName, checkNotNegative } from "./checks.ts";

const status = FieldPath.of("status");

/** What controllers count, which is never less than nothing. */
export function countsIn(...members: string[]): (object: JsonObject, errors: FieldErrors) => void {
  return (object, errors) => {
    const counts = (object["status"] ?? {}) as Record<string, number | undefined>;
    for (const member of members) checkNotNegative(counts[member], status.child(member), errors);
  };
}

/** What a node says of a pod. */
export function checkPodStatus(pod: Pod, old: Pod, errors: FieldErrors): void {
  const { nominatedNodeName, hostIP, hostIPs = [], qosClass, conditions = [] } = pod.status ?? {};
  checkName(nominatedNodeName, dnsSubdomainRule, status.child("nominatedNodeName"), errors);
  if (hostIPs[0] && hostIPs[0].ip !== (hostIP ?? ""))
    errors.invalid(status.child("hostIPs").at(0).child("ip"), hostIPs[0].ip, "must be equal to `hostIP`");
  for (const [index, { ip = "" }] of hostIPs.entries())
    checkName(ip, ipRule, status.child("hostIPs").at(index), errors);
  if (old.status?.qosClass)
    checkImmutable(qosClass ?? old.status.qosClass, old.status.qosClass, status.child("qosClass"), errors);
  for (const [index, { type }] of conditions.entries())
    for (const wrong of qualifiedNameRule(type))
      errors.invalid(status.child("conditions").at(index).child("Type"), type, wrong);
}
