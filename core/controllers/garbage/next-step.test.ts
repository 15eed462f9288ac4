import { describe, expect, it } from "vitest";

import { nextGarbageStep } from "./next-step.ts";
import { type GraphNode, OwnerGraph } from "./owner-graph.ts";

function node(uid: string, owners: string[] = [], change: Partial<GraphNode> = {}): GraphNode {
  return {
    uid,
    resource: "things",
    namespace: "default",
    name: uid,
    owners: owners.map((owner) => ({
      apiVersion: "v1",
      kind: "Thing",
      name: owner,
      uid: owner,
      blockOwnerDeletion: true,
    })),
    finalizers: [],
    isDying: false,
    resourceVersion: "1",
    ...change,
  };
}

function graphOf(...nodes: GraphNode[]): OwnerGraph {
  const graph = new OwnerGraph();
  for (const one of nodes) graph.set(one);
  return graph;
}

const step = (graph: OwnerGraph, uid: string, absent: string[] = []) =>
  nextGarbageStep(graph.get(uid)!, graph, (owner) => absent.includes(owner));

describe("an object with owners", () => {
  it("stays while one owner exists or may exist", () => {
    expect(step(graphOf(node("a"), node("b", ["a"])), "b")).toEqual({ kind: "none" });
    expect(step(graphOf(node("b", ["a"])), "b")).toEqual({ kind: "none" });
  });

  it("goes when none of its owners exists", () => {
    expect(step(graphOf(node("b", ["a", "c"])), "b", ["a", "c"])).toEqual({
      kind: "delete",
      policy: undefined,
    });
  });

  it("loses the owners that are gone and keeps to those that are there", () => {
    expect(step(graphOf(node("a"), node("b", ["a", "c"])), "b", ["c"])).toEqual({
      kind: "dropOwners",
      uids: ["c"],
    });
  });

  it("goes with an owner that waits for it, its own dependents first", () => {
    const owner = node("a", [], { isDying: true, finalizers: ["foregroundDeletion"] });
    expect(step(graphOf(owner, node("b", ["a"])), "b")).toEqual({ kind: "delete", policy: undefined });
    expect(step(graphOf(owner, node("b", ["a"]), node("c", ["b"])), "b")).toEqual({
      kind: "delete",
      policy: "Foreground",
    });
  });
});

describe("an object that is being deleted", () => {
  it("in the foreground takes its dependents first and waits for those that block it", () => {
    const dying = { isDying: true, finalizers: ["foregroundDeletion"] };
    const alive = graphOf(node("a", [], dying), node("b", ["a"]));
    expect(step(alive, "a")).toMatchObject({ kind: "deleteDependents", dependents: [{ uid: "b" }] });
    const going = graphOf(node("a", [], dying), node("b", ["a"], { isDying: true }));
    expect(step(going, "a")).toEqual({ kind: "none" });
    const own = node("b", ["a"]).owners.map((owner) => ({ ...owner, blockOwnerDeletion: false }));
    const others = [node("b", [], { isDying: true, owners: own })];
    for (const dependents of [[], others])
      expect(step(graphOf(node("a", [], dying), ...dependents), "a")).toEqual({
        kind: "removeFinalizer",
        finalizer: "foregroundDeletion",
      });
  });

  it("in the foreground does not wait for itself around a circle of owners, but for what hangs on the circle", () => {
    const dying = { isDying: true, finalizers: ["foregroundDeletion"] };
    const circle = [node("a", ["c"], dying), node("b", ["a"], dying), node("c", ["b"], dying)];
    for (const { uid } of circle)
      expect(step(graphOf(...circle), uid)).toEqual({
        kind: "removeFinalizer",
        finalizer: "foregroundDeletion",
      });
    const hanging = node("d", ["b"], { isDying: true });
    for (const { uid } of circle) expect(step(graphOf(...circle, hanging), uid)).toEqual({ kind: "none" });
    expect(
      step(graphOf(node("above", [], dying), ...circle, node("a", ["c", "above"], dying)), "above"),
    ).toEqual({
      kind: "none",
    });
    expect(step(graphOf(node("a", ["a"], dying)), "a")).toMatchObject({ kind: "removeFinalizer" });
  });

  it("leaves its dependents behind when it shall orphan them", () => {
    const dying = { isDying: true, finalizers: ["orphan"] };
    expect(step(graphOf(node("a", [], dying), node("b", ["a"])), "a")).toMatchObject({
      kind: "orphanDependents",
      dependents: [{ uid: "b" }],
    });
    expect(step(graphOf(node("a", [], dying)), "a")).toEqual({
      kind: "removeFinalizer",
      finalizer: "orphan",
    });
  });

  it("is nobody's business without such a wish", () => {
    expect(step(graphOf(node("a", [], { isDying: true, finalizers: ["mine"] })), "a")).toEqual({
      kind: "none",
    });
  });
});
