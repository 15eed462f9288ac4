import type { Container, PodSpec } from "../generated/types.ts";
import { quantityMilliValue, quantityValue } from "../quantity/quantity.ts";

/** Amounts by resource name: processors in thousandths (`cpu`), everything else in whole units (bytes, devices). */
export type Amounts = ReadonlyMap<string, number>;

/** Reads a list such as `requests` or `allocatable`. */
export function amountsOf(list: Readonly<Record<string, string>> | undefined): Map<string, number> {
  return new Map(
    Object.entries(list ?? {}).map(([name, quantity]) => [
      name,
      name === "cpu" ? quantityMilliValue(quantity) : quantityValue(quantity),
    ]),
  );
}

/**
 * What a pod occupies on its node: the sum of its containers and sidecars, or the greatest step of its initialisation
 * if that needs more (each init container together with the sidecars started before it), and the overhead of its
 * runtime class. Requests of the pod as a whole take the place of the sum.
 */
export function podRequests(spec: PodSpec): Map<string, number> {
  const total = new Map<string, number>();
  const sidecars = new Map<string, number>();
  const peak = new Map<string, number>();
  for (const container of spec.initContainers ?? []) {
    const own = containerRequests(container);
    if (container.restartPolicy === "Always") {
      add(sidecars, own);
      raise(peak, sidecars);
    } else {
      const step = new Map(sidecars);
      add(step, own);
      raise(peak, step);
    }
  }
  for (const container of spec.containers) add(total, containerRequests(container));
  add(total, sidecars);
  raise(total, peak);
  for (const [name, amount] of amountsOf(spec.resources?.requests)) total.set(name, amount);
  add(total, amountsOf(spec.overhead));
  return total;
}

function containerRequests(container: Container): Map<string, number> {
  return amountsOf({ ...container.resources?.limits, ...container.resources?.requests });
}

function add(into: Map<string, number>, other: Amounts): void {
  for (const [name, amount] of other) into.set(name, (into.get(name) ?? 0) + amount);
}

function raise(into: Map<string, number>, other: Amounts): void {
  for (const [name, amount] of other) into.set(name, Math.max(into.get(name) ?? 0, amount));
}
