import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Event, Pod, PodSpec } from "../../core/api/index.ts";
import { clientOf, type ResourceClient, resources, waitFor } from "../../core/client/index.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";

let plane: TestControlPlane;
let pods: ResourceClient<Pod>;
const scope = { namespace: "default" };

describe.each(["in-process", "https"] as const)("over %s", (transport) => {
  beforeEach(async () => {
    plane = await startControlPlane({ transport });
    pods = clientOf(plane.admin, resources.pods);
    await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, scope);
  });
  afterEach(() => plane.dispose());

  function create(name: string, spec: Partial<PodSpec> = {}): Promise<Pod> {
    const pod: Pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default" },
      spec: { containers: [{ name: "main", image: "busybox" }], ...spec },
    };
    return pods.create(pod, scope);
  }

  const asking = (requests: Record<string, string>): Partial<PodSpec> => ({
    containers: [{ name: "main", image: "busybox", resources: { requests, limits: requests } }],
  });

  function waitForPod(name: string, until: (pod: Pod) => boolean): Promise<Pod | undefined> {
    return waitFor(pods, name, (pod) => pod !== undefined && until(pod), scope);
  }

  const conditionOf = (pod: Pod) => pod.status?.conditions?.find(({ type }) => type === "PodScheduled");

  describe("the scheduler", () => {
    it("gives a pod a node, in its spec, its condition and an event", async () => {
      await plane.addNode("one");
      await create("web");
      const pod = await waitForPod("web", ({ spec }) => spec.nodeName !== undefined);
      expect(pod?.spec.nodeName).toBe("one");
      expect(conditionOf(pod!)?.status).toBe("True");
      const events = plane.admin.resource<Event>({
        group: "",
        version: "v1",
        resource: "events",
        namespaced: true,
      });
      for await (const seen of events.watch({ ...scope, resourceVersion: "0" })) {
        if (seen.type === "BOOKMARK" || seen.object.reason !== "Scheduled") continue;
        expect(seen.object.message).toBe("Successfully assigned default/web to one");
        break;
      }
    });

    it("tells why a pod waits and places it as soon as that is over", async () => {
      await plane.addNode("one", { allocatable: { "nvidia.com/gpu": "1" } });
      await create("first", asking({ "nvidia.com/gpu": "1" }));
      await waitForPod("first", ({ spec }) => spec.nodeName !== undefined);
      await create("second", asking({ "nvidia.com/gpu": "1" }));
      const waiting = await waitForPod("second", (pod) => conditionOf(pod)?.status === "False");
      expect(conditionOf(waiting!)).toMatchObject({
        reason: "Unschedulable",
        message: "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.",
      });
      await pods.delete("first", { ...scope, gracePeriodSeconds: 0 });
      await waitForPod("second", ({ spec }) => spec.nodeName === "one");
    });

    it("never gives out more than there is, however many pods come at once", async () => {
      await plane.addNode("one", { allocatable: { cpu: "2" } });
      await plane.addNode("two", { allocatable: { cpu: "2" } });
      await Promise.all(Array.from({ length: 10 }, (_, i) => create(`p${i}`, asking({ cpu: "500m" }))));
      const states = async (): Promise<string[]> =>
        (await pods.list(scope)).items
          .map((pod) => pod.spec.nodeName ?? conditionOf(pod)?.message ?? "")
          .toSorted();
      const left = "0/2 nodes are available: 2 Insufficient cpu.";
      const full = [...Array<string>(4).fill("one"), ...Array<string>(4).fill("two")];
      // A pod that the scheduler hears of before both nodes has other reasons to wait at first.
      await expect.poll(states, { timeout: 60_000 }).toEqual([left, left, ...full]);
    });

    it("leaves gated pods and those of other schedulers alone", async () => {
      await plane.addNode("one");
      await create("gated", { schedulingGates: [{ name: "example.com/wait" }] });
      await create("foreign", { schedulerName: "other" });
      const gated = await waitForPod("gated", (pod) => conditionOf(pod)?.reason === "SchedulingGated");
      expect(gated?.spec.nodeName).toBeUndefined();
      await create("own");
      await waitForPod("own", ({ spec }) => spec.nodeName === "one");
      expect((await pods.get("foreign", scope)).spec.nodeName).toBeUndefined();
      await pods.patch("gated", "merge", { spec: { schedulingGates: [] } }, scope);
      await waitForPod("gated", ({ spec }) => spec.nodeName === "one");
    });
  });
});
