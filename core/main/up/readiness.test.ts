import { expect, test } from "vitest";
import { nodesMissing, pluginsMissing, podsMissing } from "./readiness.ts";

const meta = (name: string): { name: string } => ({ name });

test("a plugin that is not ready is named with its reason", () => {
  const instance = {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginInstance",
    metadata: meta("a.one"),
    spec: { plugin: "a", nodeName: "one", contract: "cri" },
    status: { state: "waiting", reason: "needs daemon containerd" },
  } as const;
  expect(pluginsMissing([instance], 1)).toBe("a waiting (needs daemon containerd)");
  expect(pluginsMissing([], 2)).toBe("2 of 2 plugins are not started yet");
  expect(pluginsMissing([{ ...instance, status: { state: "ready" } }], 1)).toBeUndefined();
});

test("a node says why it is not ready in its own words", () => {
  const condition = { type: "Ready", status: "False", message: "network: no plugin" };
  expect(nodesMissing([{ metadata: meta("one"), spec: {}, status: { conditions: [condition] } }])).toBe(
    "node one: network: no plugin",
  );
  expect(nodesMissing([])).toBe("no node is registered yet");
});

test("a pod that cannot be scheduled tells the scheduler's sentence", () => {
  const condition = { type: "PodScheduled", status: "False", message: "0/1 nodes are available" };
  expect(
    podsMissing(
      [{ metadata: meta("gpu"), spec: { containers: [] }, status: { conditions: [condition] } }],
      ["gpu", "web"],
    ),
  ).toBe("gpu is not scheduled: 0/1 nodes are available, web is not there yet");
});
