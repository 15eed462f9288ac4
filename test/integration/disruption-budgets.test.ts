import { afterEach, beforeEach, expect, it } from "vitest";
import type { Deployment, Pod, PodDisruptionBudget } from "../../core/api/index.ts";
import { ApiError, clientOf, type ResourceClient, resources, waitFor } from "../../core/client/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";

const scope = { namespace: "default" };
let plane: TestControlPlane;
let pods: ResourceClient<Pod>;
let budgets: ResourceClient<PodDisruptionBudget>;

beforeEach(async () => {
  plane = await startControlPlane();
  pods = clientOf(plane.admin, resources.pods);
  budgets = clientOf(plane.admin, resources.disruptionBudgets);
  await plane.addNode("one");
  await plane.runPods();
  await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
  const deployments = clientOf(plane.admin, resources.deployments);
  await deployments.create(
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: "web" } },
        template: {
          metadata: { labels: { app: "web" } },
          spec: { containers: [{ name: "main", image: "busybox:1" }] },
        },
      },
    },
    scope,
  );
  const isAvailable = (one: Deployment | undefined): boolean => one?.status?.availableReplicas === 3;
  await waitFor(deployments, "web", isAvailable, scope);
});

afterEach(() => plane.dispose());

function budget(spec: Partial<PodDisruptionBudget["spec"]>): Promise<PodDisruptionBudget> {
  return budgets.create(
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web", namespace: "default" },
      spec: { selector: { matchLabels: { app: "web" } }, ...spec },
    },
    scope,
  );
}

const allows = (number: number) =>
  waitFor(budgets, "web", (one) => one?.status?.disruptionsAllowed === number, {
    ...scope,
    signal: AbortSignal.timeout(60_000),
  });

/** "evicted", or the reason against it. */
async function evict(name: string): Promise<string> {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace: "default" } };
  try {
    await pods.create(eviction as unknown as Pod, { ...scope, name, subresource: "eviction" });
    return "evicted";
  } catch (error) {
    if (!ApiError.is(error, "TooManyRequests")) throw error;
    return (error.details as { causes: { message: string }[] }).causes[0]!.message;
  }
}

it("three evictions at once take no more than the budget allows, and the rest when replacements are ready", async () => {
  await budget({ minAvailable: 2 });
  const told = await allows(1);
  expect(told?.status).toMatchObject({ currentHealthy: 3, desiredHealthy: 2, expectedPods: 3 });
  const names = (await pods.list(scope)).items.map(({ metadata }) => metadata.name);
  const answers = await Promise.all(names.map(evict));
  expect(answers.filter((answer) => answer === "evicted")).toHaveLength(1);
  // Whether the budget's counts have followed already decides which words the others hear.
  const refused =
    /^The disruption budget web (?:needs 2 healthy pods|does not allow evicting pods currently|is still being)/;
  expect(answers.filter((answer) => refused.test(answer))).toHaveLength(2);
  await allows(1);
  const left = names.find((_, at) => answers[at] !== "evicted")!;
  expect(await evict(left)).toBe("evicted");
});

it("a share of what the deployment wants is counted from its replicas, and no pod may go when it says so", async () => {
  await budget({ maxUnavailable: "50%" });
  expect((await allows(2))?.status).toMatchObject({ expectedPods: 3, desiredHealthy: 1 });
  await budgets.patch("web", "merge", { spec: { maxUnavailable: 0 } }, scope);
  await allows(0);
  const [first] = (await pods.list(scope)).items;
  expect(await evict(first!.metadata.name)).toContain("needs 3 healthy pods and has 3 currently");
});

interface Owner {
  apiVersion: string;
  kind: string;
  /** Of the collection, below the version. */
  plural: string;
  spec: object;
}

const labels = { app: "other" };
const template = { metadata: { labels }, spec: { containers: [{ name: "m", image: "i" }] } };
const statefulSet: Owner = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  spec: { serviceName: "", replicas: 4, selector: { matchLabels: labels }, template },
};
const job: Owner = {
  apiVersion: "batch/v1",
  kind: "Job",
  plural: "jobs",
  spec: { parallelism: 4, template: { spec: { ...template.spec, restartPolicy: "Never" } } },
};
const fleet: Owner = { apiVersion: "example.com/v1", kind: "Fleet", plural: "fleets", spec: { size: 4 } };

/** Fleets have a scale in the first of their versions only. */
async function defineFleets(): Promise<void> {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const scale = { specReplicasPath: ".spec.size", statusReplicasPath: ".status.size" };
  const versions = [
    { name: "v1", served: true, storage: true, schema, subresources: { scale } },
    { name: "v2", served: true, storage: false, schema },
  ];
  const names = { plural: "fleets", kind: "Fleet" };
  const body = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "fleets.example.com" },
    spec: { group: "example.com", scope: "Namespaced", names, versions },
  };
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  await plane.admin.request({ method: "POST", path, body });
  const definitions = plane.admin.resource({
    group: "apiextensions.k8s.io",
    version: "v1",
    resource: "customresourcedefinitions",
    namespaced: false,
  });
  await waitFor(definitions, "fleets.example.com", (one) =>
    JSON.stringify(one).includes('"type":"Established"'),
  );
}

/** Two pods that run, with a controller that wants four, or with none. */
async function twoPodsOf(owner: Owner | undefined): Promise<void> {
  const ownerReferences: object[] = [];
  if (owner) {
    const { plural, ...object } = owner;
    const path = `/apis/${owner.apiVersion}/namespaces/default/${plural}`;
    const body = { ...object, metadata: { name: "other" } };
    const { uid } = ((await plane.admin.request({ method: "POST", path, body })).body as Pod).metadata;
    const { apiVersion, kind } = owner;
    ownerReferences.push({ apiVersion, kind, name: "other", uid, controller: true });
  }
  for (const name of ["other-1", "other-2"]) {
    const metadata = { name, labels, ownerReferences };
    await pods.create({ apiVersion: "v1", kind: "Pod", metadata, spec: template.spec } as Pod, scope);
  }
}

const told = (isTold: (status: NonNullable<PodDisruptionBudget["status"]>) => boolean) =>
  waitFor(budgets, "web", (one) => one?.status !== undefined && isTold(one.status), {
    ...scope,
    signal: AbortSignal.timeout(20_000),
  });

async function eventOf(reason: string): Promise<string> {
  const events = clientOf(plane.admin, resources.events);
  const options = { ...scope, fieldSelector: `reason=${reason}`, resourceVersion: "0" };
  for await (const seen of events.watch({ ...options, signal: AbortSignal.timeout(20_000) }))
    if (seen.type !== "BOOKMARK") return seen.object.message ?? "";
  throw new Error("the watch ended");
}

it.each([
  ["a stateful set, by its scale", statefulSet],
  ["a job, by its parallelism", job],
  ["a custom resource, by its scale", fleet],
])("what is wanted is told by %s", async (_, owner) => {
  if (owner === fleet) await defineFleets();
  await twoPodsOf(owner);
  await budget({ selector: { matchLabels: labels }, maxUnavailable: "75%" });
  const { status } = (await told(({ currentHealthy }) => currentHealthy === 2))!;
  expect(status).toMatchObject({ expectedPods: 4, desiredHealthy: 1, disruptionsAllowed: 1 });
  await budgets.patch("web", "merge", { spec: { maxUnavailable: null, minAvailable: "30%" } }, scope);
  await told(({ desiredHealthy }) => desiredHealthy === 2);
});

it("a controller that does not say what it wants allows nothing, and the condition and an event say so", async () => {
  await defineFleets();
  await twoPodsOf({ ...fleet, apiVersion: "example.com/v2" });
  await budget({ selector: { matchLabels: labels }, maxUnavailable: 1 });
  const { status } = (await told(({ conditions = [] }) => conditions.length > 0))!;
  const message = "fleets.example.com does not implement the scale subresource";
  expect(status).toMatchObject({
    disruptionsAllowed: 0,
    conditions: [{ type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message }],
  });
  expect(await eventOf("CalculateExpectedPodCountFailed")).toBe(
    `Failed to calculate the number of expected pods: ${message}`,
  );
  // A number of pods that have to stay needs nobody's word.
  await budgets.patch("web", "merge", { spec: { maxUnavailable: null, minAvailable: 1 } }, scope);
  await told(({ disruptionsAllowed }) => disruptionsAllowed === 1);
});

it("pods that nobody manages are told of, and count for nothing but a number of pods", async () => {
  await twoPodsOf(undefined);
  await budget({ selector: { matchLabels: labels }, minAvailable: "50%" });
  const { status } = (await told(({ currentHealthy }) => currentHealthy === 2))!;
  expect(status).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
  expect(await eventOf("UnmanagedPods")).toContain(
    'To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.',
  );
  await budgets.patch("web", "merge", { spec: { minAvailable: 1 } }, scope);
  await told(({ expectedPods, disruptionsAllowed }) => expectedPods === 2 && disruptionsAllowed === 1);
});
