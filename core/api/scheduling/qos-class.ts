import type { Container, Pod } from "../generated/types.ts";
import { compareQuantities } from "../quantity/quantity.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const counted = ["cpu", "memory"] as const;

/** Guaranteed: every container bounds cpu and memory to what it requests. BestEffort: nobody asks for either. */
export function qosClass(pod: Pod): QosClass {
  const own = pod.spec?.resources;
  if (own && counted.some((name) => own.requests?.[name] ?? own.limits?.[name])) {
    return isGuaranteed(own) ? "Guaranteed" : "Burstable";
  }
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  if (containers.every((container) => counted.every((name) => !asksFor(container, name))))
    return "BestEffort";
  return containers.every((container) => isGuaranteed(container.resources)) ? "Guaranteed" : "Burstable";
}

function asksFor(container: Container, name: "cpu" | "memory"): boolean {
  const amounts = [container.resources?.requests?.[name], container.resources?.limits?.[name]];
  return amounts.some((amount) => amount !== undefined && compareQuantities(amount, "0") > 0);
}

function isGuaranteed(resources: Container["resources"]): boolean {
  return counted.every((name) => {
    const limit = resources?.limits?.[name];
    if (limit === undefined || compareQuantities(limit, "0") <= 0) return false;
    return compareQuantities(resources?.requests?.[name] ?? limit, limit) === 0;
  });
}
