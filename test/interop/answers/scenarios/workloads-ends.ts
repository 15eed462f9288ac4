import type { Exchange, Scenario } from "../exchange.ts";
import { podsPath, podWith } from "../pods.ts";

const policy = "/apis/policy/v1/namespaces/{ns}";
const labels = { app: "a" };
const merge = "application/merge-patch+json";
const patch = (path: string, body: object): Exchange => ({ method: "PATCH", path, body, type: merge });
const changing = (path: string, ...specs: object[]): Exchange[] => specs.map((spec) => patch(path, { spec }));
const telling = (path: string, ...all: object[]): Exchange[] =>
  all.map((status) => patch(`${path}/status`, { status }));
const remove = (path: string, body?: object): Exchange => ({
  method: "DELETE",
  path,
  ...(body !== undefined && { body }),
});
const time = "2026-01-01T00:00:00Z";
const eviction = (name: string, more: object = {}): Exchange => ({
  path: `${podsPath}/${name}/eviction`,
  body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name }, ...more },
});
const bound = (name: string): Exchange[] => [
  { path: podsPath, body: podWith(name, {}, { labels }), take: { uid: "metadata.uid" } },
  {
    path: `${podsPath}/${name}/binding`,
    body: { apiVersion: "v1", kind: "Binding", metadata: { name }, target: { kind: "Node", name: "n" } },
  },
];
const ready = (status: string): object => ({
  phase: "Running",
  conditions: [{ type: "Ready", status, lastTransitionTime: time }],
});
const budget = `${policy}/poddisruptionbudgets/b`;
const budgeted = (spec: object): Exchange => ({
  path: `${policy}/poddisruptionbudgets`,
  body: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "b" },
    spec: { minAvailable: 1, selector: { matchLabels: labels }, ...spec },
  },
});
const allowing = (disruptionsAllowed: number, currentHealthy = 1, observedGeneration = 1): Exchange =>
  patch(`${budget}/status`, {
    status: {
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy: 1,
      expectedPods: 1,
      observedGeneration,
    },
  });

export const scenarios: readonly Scenario[] = [
  {
    name: "evictions with budgets",
    exchanges: [
      { path: podsPath, body: podWith("p", {}, { labels }), take: { uid: "metadata.uid" } },
      ...telling(`${podsPath}/p`, ready("True")),
      budgeted({}),
      eviction("p"),
      allowing(0),
      eviction("p"),
      eviction("p", { deleteOptions: { dryRun: ["All"] } }),
      allowing(1),
      eviction("p", { deleteOptions: { dryRun: ["All"] } }),
      { path: budget },
      eviction("p", { deleteOptions: { preconditions: { uid: "other" } } }),
      eviction("p", { deleteOptions: { preconditions: { resourceVersion: "1" } } }),
      { path: budget },
      allowing(1),
      eviction("p", { deleteOptions: { preconditions: { uid: "{uid}" } } }),
      { path: podsPath, body: podWith("q", {}, { labels }) },
      ...telling(`${podsPath}/q`, ready("False")),
      allowing(0, 0),
      eviction("q"),
      ...changing(budget, { unhealthyPodEvictionPolicy: "AlwaysAllow" }),
      allowing(0, 0, 2),
      eviction("q"),
      { path: podsPath, body: podWith("r", {}, { labels }) },
      ...telling(`${podsPath}/r`, ready("False")),
      ...changing(budget, { unhealthyPodEvictionPolicy: "IfHealthyBudget" }),
      allowing(0, 0, 3),
      eviction("r"),
      allowing(0, 1, 3),
      eviction("r"),
      { path: podsPath, body: podWith("t", {}, { labels }) },
      ...telling(`${podsPath}/t`, { phase: "Succeeded" }),
      eviction("t"),
      ...changing(budget, { unhealthyPodEvictionPolicy: "Nope" }),
    ],
  },
  {
    name: "deletions of pods",
    exchanges: [
      ...bound("p"),
      remove(`${podsPath}/p`, { preconditions: { uid: "other" } }),
      remove(`${podsPath}/p`, { preconditions: { resourceVersion: "1" } }),
      remove(`${podsPath}/p`, { dryRun: ["All"] }),
      remove(`${podsPath}/p`, { dryRun: ["Some"] }),
      remove(`${podsPath}/p`, { propagationPolicy: "Nope" }),
      remove(`${podsPath}/p`, { gracePeriodSeconds: 30 }),
      remove(`${podsPath}/p`, { gracePeriodSeconds: 60 }),
      remove(`${podsPath}/p`, { gracePeriodSeconds: 1 }),
      { path: `${podsPath}/p` },
      remove(`${podsPath}/p?gracePeriodSeconds=0`),
      ...bound("q"),
      remove(`${podsPath}/q`, { gracePeriodSeconds: -1 }),
      remove(`${podsPath}/q`, { gracePeriodSeconds: 0, preconditions: { uid: "{uid}" } }),
      { path: `${podsPath}/q` },
      ...bound("r"),
      remove(`${podsPath}/r`, { propagationPolicy: "Foreground" }),
      remove(`${podsPath}/r`, { gracePeriodSeconds: 0 }),
      { path: `${podsPath}/r` },
      patch(`${podsPath}/r`, { metadata: { finalizers: null } }),
      { path: `${podsPath}/r` },
      ...bound("s"),
      remove(`${podsPath}/s`),
      patch(`${podsPath}/s`, { metadata: { finalizers: ["acme.io/a"] } }),
      remove(`${podsPath}/s?gracePeriodSeconds=x`),
      remove(`${podsPath}/s?gracePeriodSeconds=0`),
    ],
  },
];
