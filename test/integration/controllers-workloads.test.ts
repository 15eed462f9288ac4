import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Deployment, Pod, ReplicaSet } from "../../core/api/index.ts";
import { clientOf, type ResourceClient, resources, waitFor } from "../../core/client/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";

let plane: TestControlPlane;
let deployments: ResourceClient<Deployment>;
let sets: ResourceClient<ReplicaSet>;
let pods: ResourceClient<Pod>;
const scope = { namespace: "default" };

describe.each(["in-process", "https"] as const)("over %s", (transport) => {
  beforeEach(async () => {
    plane = await startControlPlane({ transport });
    deployments = clientOf(plane.admin, resources.deployments);
    sets = clientOf(plane.admin, resources.replicaSets);
    pods = clientOf(plane.admin, resources.pods);
    await plane.addNode("one");
    await plane.runPods();
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
  });
  afterEach(() => plane.dispose());

  function deployment(
    replicas: number,
    image = "busybox:1",
    change: Partial<Deployment["spec"]> = {},
  ): Deployment {
    return {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: {
        replicas,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image }] } },
        ...change,
      },
    };
  }

  function complete(replicas: number, revision: string) {
    return (one: Deployment | undefined): boolean =>
      one?.status?.observedGeneration === one?.metadata.generation &&
      one?.status?.updatedReplicas === replicas &&
      one.status.replicas === replicas &&
      one.status.availableReplicas === replicas &&
      one.metadata.annotations?.["deployment.kubernetes.io/revision"] === revision;
  }

  const rolled = (replicas: number, revision: string) =>
    waitFor(deployments, "web", complete(replicas, revision), scope);

  describe("a deployment", () => {
    it("makes its pods, replaces a lost one and says that it is available", async () => {
      await deployments.create(deployment(3), scope);
      const done = await rolled(3, "1");
      const reasons = done?.status?.conditions?.map(
        ({ type, status, reason }) => `${type} ${status} ${reason}`,
      );
      expect(reasons?.toSorted()).toEqual([
        "Available True MinimumReplicasAvailable",
        "Progressing True NewReplicaSetAvailable",
      ]);
      const events = clientOf(plane.admin, resources.events);
      const told = async (): Promise<unknown[]> =>
        (await events.list(scope)).items.map(({ message }) => message);
      const [set] = (await sets.list(scope)).items;
      const scaled = `Scaled up replica set ${set?.metadata.name} from 0 to 3`;
      await expect.poll(told, { timeout: 60_000 }).toContain(scaled);
      const { items } = await pods.list(scope);
      expect(items).toHaveLength(3);
      const lost = items[0]!.metadata.name;
      await pods.delete(lost, { ...scope, gracePeriodSeconds: 0 });
      await waitFor(pods, lost, (pod) => pod === undefined, scope);
      await rolled(3, "1");
      await waitFor(deployments, "web", (one) => one?.status?.readyReplicas === 3, scope);
    });

    it("rolls over to a new template without going below or above its bounds, and back again", async () => {
      const strategy = { type: "RollingUpdate" as const, rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
      await deployments.create(deployment(3, "busybox:1", { strategy }), scope);
      await rolled(3, "1");
      const bounds = { most: 0, least: 3 };
      const stop = new AbortController();
      const watching = (async () => {
        for await (const event of deployments.watch({ ...scope, signal: stop.signal })) {
          if (event.type === "BOOKMARK") continue;
          const { replicas = 0, availableReplicas = 0 } = event.object.status ?? {};
          bounds.most = Math.max(bounds.most, replicas);
          if (replicas > 0) bounds.least = Math.min(bounds.least, availableReplicas);
        }
      })().catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
      const image = (name: string) => ({
        spec: { template: { spec: { containers: [{ name: "main", image: name }] } } },
      });
      await deployments.patch("web", "strategic", image("busybox:2"), scope);
      await rolled(3, "2");
      const { items } = await pods.list(scope);
      const alive = items.filter(({ metadata }) => !metadata.deletionTimestamp);
      expect(alive.map(({ spec }) => spec.containers[0]?.image)).toEqual([
        "busybox:2",
        "busybox:2",
        "busybox:2",
      ]);
      expect((await sets.list(scope)).items).toHaveLength(2);
      await deployments.patch("web", "strategic", image("busybox:1"), scope);
      await rolled(3, "3");
      expect((await sets.list(scope)).items).toHaveLength(2);
      stop.abort();
      await watching;
      expect(bounds.most).toBeLessThanOrEqual(4);
      expect(bounds.least).toBeGreaterThanOrEqual(3);
    });

    it("takes all old pods away before it makes new ones when it shall recreate", async () => {
      await deployments.create(deployment(2, "busybox:1", { strategy: { type: "Recreate" } }), scope);
      await rolled(2, "1");
      const patch = { spec: { template: { spec: { containers: [{ name: "main", image: "busybox:2" }] } } } };
      await deployments.patch("web", "strategic", patch, scope);
      await rolled(2, "2");
      const { items } = await pods.list(scope);
      expect(items.map(({ spec }) => spec.containers[0]?.image)).toEqual(["busybox:2", "busybox:2"]);
    });

    it("follows a new number, up and down, and does nothing new while it is paused", async () => {
      await deployments.create(deployment(2), scope);
      await rolled(2, "1");
      await deployments.patch("web", "merge", { spec: { replicas: 5 } }, scope);
      await rolled(5, "1");
      await deployments.patch("web", "merge", { spec: { replicas: 1 } }, scope);
      await rolled(1, "1");
      const paused = {
        spec: { paused: true, template: { spec: { containers: [{ name: "main", image: "busybox:9" }] } } },
      };
      await deployments.patch("web", "strategic", paused, scope);
      await waitFor(
        deployments,
        "web",
        (one) =>
          one?.status?.observedGeneration === one?.metadata.generation &&
          (one?.status?.updatedReplicas ?? 0) === 0,
        scope,
      );
      expect((await sets.list(scope)).items).toHaveLength(1);
    });

    it("takes its replica sets and pods with it, or leaves them, as it is deleted", async () => {
      await deployments.create(deployment(2), scope);
      await rolled(2, "1");
      const [set] = (await sets.list(scope)).items;
      await deployments.delete("web", { ...scope, propagationPolicy: "Orphan" });
      await waitFor(deployments, "web", (one) => one === undefined, scope);
      await waitFor(sets, set!.metadata.name, (one) => one?.metadata.ownerReferences === undefined, scope);
      await deployments.create(deployment(2), scope);
      await rolled(2, "1");
      expect((await sets.list(scope)).items).toHaveLength(1);
      await deployments.delete("web", { ...scope, propagationPolicy: "Foreground" });
      await waitFor(deployments, "web", (one) => one === undefined, scope);
      expect((await sets.list(scope)).items).toEqual([]);
      expect((await pods.list(scope)).items).toEqual([]);
    });
  });

  describe("a replica set", () => {
    it("adopts pods that match and are nobody's, and takes the surplus away", async () => {
      for (const name of ["a", "b", "c"]) {
        const pod: Pod = {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name, namespace: "default", labels: { app: "web" } },
          spec: { containers: [{ name: "main", image: "busybox" }] },
        };
        await pods.create(pod, scope);
      }
      const { replicas = 2, selector, template } = deployment(2).spec;
      await sets.create(
        {
          apiVersion: "apps/v1",
          kind: "ReplicaSet",
          metadata: { name: "web", namespace: "default" },
          spec: { replicas, selector, template },
        },
        scope,
      );
      await waitFor(
        sets,
        "web",
        (one) => one?.status?.readyReplicas === 2 && one.status.replicas === 2,
        scope,
      );
      const { items } = await pods.list(scope);
      const alive = items.filter(({ metadata }) => !metadata.deletionTimestamp);
      expect(alive.map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual([
        "ReplicaSet",
        "ReplicaSet",
      ]);
      expect(alive.every(({ metadata }) => ["a", "b", "c"].includes(metadata.name))).toBe(true);
    });
  });
});
