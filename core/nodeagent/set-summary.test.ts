import { expect, test } from "vitest";
import type { PluginInstance, PluginSet, PluginState } from "../api/index.ts";
import { setOnNode, setSummary } from "./set-summary.ts";

const now = "2026-01-01T00:00:00Z";
const later = "2026-02-02T00:00:00Z";
const set: PluginSet = {
  apiVersion: "berth.dev/v1alpha1",
  kind: "PluginSet",
  metadata: { name: "two", generation: 3 },
  spec: { plugins: ["a", "b"], revision: 4 },
};
const nothing = { inForce: undefined, preparing: undefined, failed: undefined };
const two = { name: "two", revision: 4 };

function instance(plugin: string, nodeName: string, state: PluginState): PluginInstance {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginInstance",
    metadata: { name: `${plugin}.${nodeName}` },
    spec: { plugin, nodeName, contract: "csi" },
    status: { state },
  };
}

const own = (view: Parameters<typeof setOnNode>[2], node = "one") => ({
  node,
  said: setOnNode("two", node, view),
});

test("a set in force is ready on a node when every member is ready there", () => {
  const all = [instance("a", "one", "ready"), instance("b", "one", "ready"), instance("a", "two", "ready")];
  const first = setSummary(set, own({ ...nothing, inForce: two }), all, now);
  expect(first).toMatchObject({
    observedGeneration: 3,
    nodes: 1,
    ready: 1,
    conditions: [
      { type: "InForce", status: "True" },
      { type: "Ready", status: "True" },
    ],
  });
  const second = setSummary({ ...set, status: first }, own({ ...nothing, inForce: two }, "two"), all, later);
  expect(second).toMatchObject({ nodes: 2, ready: 1 });
  expect(second.onNodes?.map(({ node, since }) => `${node} ${since}`)).toEqual([
    `one ${now}`,
    `two ${later}`,
  ]);
  expect(second.conditions?.[1]).toMatchObject({ status: "False", message: "not ready: b on node two" });
});

test("a set that a node could not take over to says so, with the node's reason, and is ready nowhere", () => {
  const all = [instance("a", "one", "ready"), instance("b", "one", "ready")];
  const view = {
    inForce: { name: "old", revision: 3 },
    preparing: undefined,
    failed: { ...two, reason: "b is refused" },
  };
  expect(setSummary(set, own(view), all, now)).toMatchObject({
    nodes: 1,
    ready: 0,
    conditions: [
      { type: "InForce", status: "False", reason: "SwitchFailed", message: "on node one: b is refused" },
      { type: "Ready", status: "False", reason: "NoNode" },
    ],
  });
});

test("a set that is nothing to any node has none, and a node that let it go leaves the list", () => {
  const before = setSummary(set, own({ ...nothing, inForce: two }), [], now);
  const after = setSummary({ ...set, status: before }, own(nothing), [], later);
  expect(after).toMatchObject({ nodes: 0, ready: 0, onNodes: [] });
  expect(after.conditions?.[0]).toMatchObject({
    status: "False",
    reason: "NotChosen",
    lastTransitionTime: later,
  });
});

test("the moment of the last change stays while nothing changes", () => {
  const all = [instance("a", "one", "ready"), instance("b", "one", "ready")];
  const before = setSummary(set, own({ ...nothing, inForce: two }), all, now);
  const after = setSummary({ ...set, status: before }, own({ ...nothing, inForce: two }), all, later);
  expect(after).toEqual(before);
});
