import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pod, PodSpec } from "../../core/api/index.ts";
import { clientOf, type ResourceClient, resources, waitFor } from "../../core/client/index.ts";
import { anInstance } from "../../core/scheduler/testing.ts";
import { startControlPlane, type TestControlPlane } from "../support/control-plane.ts";

const scope = { namespace: "default" };
const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const gpu = "example.com/gpu";

interface Case {
  need: string;
  plugin: ReturnType<typeof anInstance>;
  capabilities: string[];
  spec: Partial<PodSpec>;
  reason: string;
}

const away = { state: "backoff", reason: "exit code 3" } as const;
const because = (plugin: string): string => `plugin ${plugin} is backoff (exit code 3)`;

const cases: Case[] = [
  {
    need: "the network",
    plugin: anInstance("one", "net", "cni", away),
    capabilities: ["network"],
    spec: {},
    reason: `wait for the network: ${because("net")}`,
  },
  {
    need: "a runtime class",
    plugin: anInstance("one", "sandboxed", "cri", away),
    capabilities: ["runtime:sandboxed"],
    spec: { hostNetwork: true, runtimeClassName: "sandboxed" },
    reason: `wait for runtime handler "sandboxed": ${because("sandboxed")}`,
  },
  {
    need: "a volume driver",
    plugin: anInstance("one", "disks", "csi", away),
    capabilities: ["csi:disks.example.com"],
    spec: { hostNetwork: true, volumes: [{ name: "data", csi: { driver: "disks.example.com" } }] },
    reason: `wait for volume driver "disks.example.com": ${because("disks")}`,
  },
  {
    need: "a device",
    plugin: anInstance("one", "gpus", "device", away),
    capabilities: [`device:${gpu}`],
    spec: {
      hostNetwork: true,
      containers: [{ name: "main", image: "busybox", resources: { limits: { [gpu]: "1" } } }],
    },
    reason: `wait for devices "${gpu}": ${because("gpus")}`,
  },
];

let plane: TestControlPlane;
let pods: ResourceClient<Pod>;

beforeAll(async () => {
  plane = await startControlPlane();
  pods = clientOf(plane.admin, resources.pods);
  await waitFor(clientOf(plane.admin, resources.serviceAccounts), "default", Boolean, {
    ...scope,
    signal: signal(),
  });
  await plane.addNode("one", { allocatable: { [gpu]: "1" } });
  await setAllocatable("0");
  await clientOf(plane.admin, resources.runtimeClasses).create({
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "sandboxed" },
    handler: "sandboxed",
  });
  await tell(anInstance("one", "runtime", "cri", { capabilities: ["runtime:runc"] }));
});

afterAll(() => plane.dispose());

/** As a node does whose device plugin comes and goes. */
async function setAllocatable(count: string): Promise<void> {
  const nodes = clientOf(plane.admin, resources.nodes);
  const status = { allocatable: { [gpu]: count } };
  await nodes.patch("one", "merge", { status }, { subresource: "status" });
}

async function tell(instance: ReturnType<typeof anInstance>): Promise<void> {
  const instances = clientOf(plane.admin, resources.pluginInstances);
  const { status, ...rest } = instance;
  await instances.create(rest);
  await instances.patch(nameOf(instance), "merge", { status }, { subresource: "status" });
}

const nameOf = ({ metadata }: ReturnType<typeof anInstance>): string => metadata.name ?? "";

const scheduled = (pod: Pod | undefined) =>
  pod?.status?.conditions?.find(({ type }) => type === "PodScheduled");

describe("a pod whose plugin is not ready", () => {
  it.each(cases)(
    "waits for $need with the plugin's own reason, and is placed when it is there",
    async (one) => {
      await tell(one.plugin);
      const name = one.plugin.spec.plugin;
      await pods.create(
        {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name, namespace: "default" },
          spec: { containers: [{ name: "main", image: "busybox" }], ...one.spec },
        },
        scope,
      );
      // Until the scheduler has heard of the plugin it has another reason.
      const isTold = (pod: Pod | undefined): boolean =>
        scheduled(pod)?.status === "False" && (scheduled(pod)?.message?.includes(one.reason) ?? false);
      const waiting = await waitFor(pods, name, isTold, { ...scope, signal: signal() });
      expect(waiting?.status?.phase).toBe("Pending");
      expect(scheduled(waiting)).toMatchObject({ reason: "Unschedulable" });
      await clientOf(plane.admin, resources.pluginInstances).patch(
        nameOf(one.plugin),
        "merge",
        { status: { state: "ready", reason: "", capabilities: one.capabilities } },
        { subresource: "status" },
      );
      if (name === "gpus") await setAllocatable("1");
      const placed = await waitFor(pods, name, (pod) => pod?.spec.nodeName !== undefined, {
        ...scope,
        signal: signal(),
      });
      expect(placed?.spec.nodeName).toBe("one");
    },
  );
});
