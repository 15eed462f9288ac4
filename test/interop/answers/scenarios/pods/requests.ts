import type { Exchange, Scenario } from "../../exchange.ts";

export const pods = "/api/v1/namespaces/{ns}/pods";

interface Parts {
  readonly pod?: object;
  readonly container?: object;
}

export const pod = (name: string, { pod: more, container }: Parts) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { containers: [{ name: "main", image: "busybox", ...container }], ...more },
});

/** Each is made as a pod of its own; the answer tells the defaults, or what is wrong. */
const made = (name: string, all: readonly Parts[]): Scenario => ({
  name,
  exchanges: all.map((parts, index): Exchange => ({ path: pods, body: pod(`pod-${index}`, parts) })),
});
export const containers = (name: string, all: readonly object[]): Scenario =>
  made(
    name,
    all.map((container) => ({ container })),
  );
export const specs = (name: string, all: readonly object[]): Scenario =>
  made(
    name,
    all.map((spec) => ({ pod: spec })),
  );
export const volumes = (name: string, all: readonly object[]): Scenario =>
  specs(
    name,
    all.map((source) => ({ volumes: [{ name: "data", ...source }] })),
  );

export const term = (key: string, operator: string, values?: readonly string[]) => ({
  matchExpressions: [{ key, operator, ...(values && { values }) }],
});
export const nodeAffinity = (...terms: readonly object[]) => ({
  affinity: {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
  },
});
export const spread = (more: object) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "zone",
      whenUnsatisfiable: "DoNotSchedule",
      labelSelector: { matchLabels: { a: "b" } },
      ...more,
    },
  ],
});

export const changes = (name: string, patches: readonly object[]): Scenario => ({
  name,
  exchanges: [
    {
      path: pods,
      body: pod("one", { container: { resources: { requests: { cpu: "1" }, limits: { cpu: "1" } } } }),
    },
    ...patches.map((body): Exchange => ({
      method: "PATCH",
      type: "application/strategic-merge-patch+json",
      path: `${pods}/one`,
      body,
    })),
  ],
});
