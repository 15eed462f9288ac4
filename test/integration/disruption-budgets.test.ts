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
    signal: AbortSignal.timeout(20_000),
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
  expect(
    answers.filter((answer) => answer.startsWith("The disruption budget web needs 2 healthy pods")),
  ).toHaveLength(2);
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
