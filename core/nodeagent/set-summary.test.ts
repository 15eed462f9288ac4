import { expect, test } from "vitest";
import type { PluginInstance, PluginSet, PluginState } from "../api/index.ts";
import { setSummary } from "./set-summary.ts";

const now = "2026-01-01T00:00:00Z";
const set: PluginSet = {
  apiVersion: "berth.dev/v1alpha1",
  kind: "PluginSet",
  metadata: { name: "two", generation: 3 },
  spec: { plugins: ["a", "b"] },
};

function instance(plugin: string, nodeName: string, state: PluginState): PluginInstance {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginInstance",
    metadata: { name: `${plugin}.${nodeName}` },
    spec: { plugin, nodeName, contract: "csi" },
    status: { state },
  };
}

test("a set is ready on a node when every member is ready there", () => {
  const all = [instance("a", "one", "ready"), instance("b", "one", "ready"), instance("a", "two", "ready")];
  const status = setSummary(set, all, now);
  expect(status).toMatchObject({ observedGeneration: 3, nodes: 2, ready: 1 });
  expect(status.conditions?.[0]).toMatchObject({ status: "False", message: "not ready: b on node two" });
});

test("plugins outside the set do not count, and no node at all is said as such", () => {
  const status = setSummary(set, [instance("c", "one", "ready")], now);
  expect(status).toMatchObject({ nodes: 0, ready: 0 });
  expect(status.conditions?.[0]).toMatchObject({ status: "False", reason: "NoNode" });
});

test("the moment of the last change stays while nothing changes", () => {
  const all = [instance("a", "one", "ready"), instance("b", "one", "ready")];
  const before = setSummary(set, all, now);
  const after = setSummary({ ...set, status: before }, all, "2026-02-02T00:00:00Z");
  expect(after.conditions?.[0]?.lastTransitionTime).toBe(now);
});
