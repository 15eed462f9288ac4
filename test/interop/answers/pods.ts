import type { Exchange, Scenario } from "./exchange.ts";

export const podsPath = "/api/v1/namespaces/{ns}/pods";

export const container = (more: object = {}): object => ({ name: "c", image: "i", ...more });

export const podWith = (name: string, spec: object = {}, metadata: object = {}): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ...metadata },
  spec: { containers: [container()], ...spec },
});

const creating = (pod: object): Exchange => ({ path: podsPath, body: pod });

/** Each spec is that of a pod of its own. */
export function pods(name: string, specs: readonly object[]): Scenario {
  return { name, exchanges: specs.map((spec, index) => creating(podWith(`p${index}`, spec))) };
}

/** Each is the one container of a pod. */
export function containers(name: string, all: readonly object[], spec: object = {}): Scenario {
  return pods(
    name,
    all.map((more) => ({ ...spec, containers: [container(more)] })),
  );
}

/** Each is the source of the one volume of a pod. */
export function volumes(name: string, sources: readonly object[]): Scenario {
  return pods(
    name,
    sources.map((source) => ({ volumes: [{ name: "v", ...source }] })),
  );
}
