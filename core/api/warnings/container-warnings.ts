import type { Container, ContainerPort, PodSpec } from "../generated/types.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { quantityMilliValue } from "../quantity/quantity.ts";
import type { Tell } from "./pod-warnings.ts";

const groups = ["initContainers", "containers", "ephemeralContainers"] as const;

function* containersOf(spec: PodSpec, at: FieldPath): Iterable<[Container, FieldPath]> {
  for (const group of groups)
    for (const [index, one] of (spec[group] ?? []).entries()) yield [one, at.child(group).at(index)];
}

export function containerWarnings(spec: PodSpec, at: FieldPath, tell: Tell): void {
  for (const [{ resources, env = [] }, here] of containersOf(spec, at)) {
    for (const resource of ["memory", "ephemeral-storage"]) {
      for (const member of ["limits", "requests"] as const) {
        const amount = resources?.[member]?.[resource];
        if (amount === undefined || quantityMilliValue(amount) % 1000 === 0) continue;
        const sentence = `fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`;
        tell(here.child("resources", member).at(resource), sentence);
      }
    }
    const known = new Set<string>();
    for (const [index, { name, value = "", valueFrom }] of env.entries()) {
      const earlier = `$(${name})`;
      const hides = valueFrom !== undefined || value === earlier || !value.includes(earlier);
      if (known.has(name) && hides) {
        const sentence = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
        tell(here.child("env").at(index), sentence);
      }
      known.add(name);
    }
  }
}

export function portWarnings(spec: PodSpec, at: FieldPath, tell: Tell): void {
  const known = new Map<string, [ContainerPort, FieldPath][]>();
  const names = new Map<string, FieldPath>();
  const named: (() => void)[] = [];
  for (const [{ ports = [] }, container] of containersOf(spec, at)) {
    for (const [index, port] of ports.entries()) {
      const here = container.child("ports").at(index);
      if (port.hostIP && !port.hostPort) tell(here, `hostIP set without hostPort: ${shown(port)}`);
      const key = `${port.containerPort}/${port.protocol ?? "TCP"}`;
      const others = known.get(key) ?? [];
      for (const [other, there] of others) {
        const how = clash(port, other);
        if (how) tell(here, `${how} port definition with ${there.toString()}`);
      }
      known.set(key, [...others, [port, here]]);
      if (!port.name) continue;
      const first = names.get(port.name)?.toString();
      if (first === undefined) names.set(port.name, here);
      else {
        const sentence = `duplicate port name ${JSON.stringify(port.name)} with ${first}, services and probes that select ports by name will use ${first}`;
        named.push(() => tell(here, sentence));
      }
    }
  }
  for (const later of named) later();
}

function clash(port: ContainerPort, other: ContainerPort): string | undefined {
  const [a, b] = [port.hostIP ?? "", other.hostIP ?? ""];
  const [mine, its] = [port.hostPort ?? 0, other.hostPort ?? 0];
  if (a === b && mine === its) return "duplicate";
  if (mine === 0 || its === 0) return "overlapping";
  return mine === its && (a === "") !== (b === "") ? "dangerously ambiguous" : undefined;
}

/** As Go shows the struct. */
function shown({
  name = "",
  hostPort = 0,
  containerPort,
  protocol = "TCP",
  hostIP = "",
}: ContainerPort): string {
  return `{Name:${name} HostPort:${hostPort} ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`;
}
