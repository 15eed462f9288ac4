import type { Container, PodSpec } from "../generated/types.ts";
import { addQuantities, compareQuantities } from "../quantity/quantity.ts";

type Amounts = Map<string, string>;

/**
 * What a pod asks for (or is bounded to) as quantities: its containers and sidecars together, or the greatest step of its
 * initialisation if that needs more, and the overhead of its runtime class.
 */
export function podAmounts(spec: PodSpec, part: "requests" | "limits"): Amounts {
  const of = ({ resources }: Container): Amounts => new Map(Object.entries(resources?.[part] ?? {}));
  const total: Amounts = new Map();
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const step = new Map(sidecars);
    add(step, of(container));
    raise(peak, step);
    if (container.restartPolicy === "Always") add(sidecars, of(container));
  }
  for (const container of spec.containers) add(total, of(container));
  add(total, sidecars);
  raise(total, peak);
  for (const [name, amount] of Object.entries(spec.resources?.[part] ?? {})) total.set(name, amount);
  // A limit that nobody set is none, whatever the overhead.
  for (const [name, amount] of Object.entries(spec.overhead ?? {}))
    if (part === "requests" || total.has(name))
      total.set(name, addQuantities(total.get(name) ?? "0", amount));
  return total;
}

function add(into: Amounts, other: Amounts): void {
  for (const [name, amount] of other) into.set(name, addQuantities(into.get(name) ?? "0", amount));
}

function raise(into: Amounts, other: Amounts): void {
  for (const [name, amount] of other)
    if (compareQuantities(amount, into.get(name) ?? "0") > 0) into.set(name, amount);
}
