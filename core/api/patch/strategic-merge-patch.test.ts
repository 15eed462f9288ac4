import type { JsonObject } from "../json/json-value.ts";
import { describe, expect, test } from "vitest";
import { mergePatch } from "./merge-patch.ts";
import { strategicMergePatch } from "./strategic-merge-patch.ts";

const pod = () => ({
  metadata: { name: "p", finalizers: ["a", "b"] },
  spec: {
    containers: [
      { name: "one", image: "x", env: [{ name: "A", value: "1" }] },
      { name: "two", image: "y" },
    ],
    tolerations: [{ key: "k" }],
    volumes: [{ name: "v", emptyDir: {} }],
  },
});
const patched = (patch: unknown) =>
  strategicMergePatch("core.v1.Pod", pod(), patch) as ReturnType<typeof pod>;

describe("a strategic merge patch", () => {
  test("puts what it adds first, and what it speaks of in its own order", () => {
    const names = (...all: string[]): string[] =>
      patched({ spec: { containers: all.map((name) => ({ name })) } }).spec.containers.map(
        ({ name }) => name,
      );
    expect(names("three")).toEqual(["three", "one", "two"]);
    expect(names("two", "one")).toEqual(["two", "one"]);
    expect(names("two", "three")).toEqual(["one", "two", "three"]);
    expect(patched({ metadata: { finalizers: ["c"] } }).metadata.finalizers).toEqual(["c", "a", "b"]);
  });

  test("merges list items by their merge key", () => {
    const { containers } = patched({
      spec: {
        containers: [
          { name: "two", image: "z" },
          { name: "three", env: null },
        ],
      },
    }).spec;
    expect(containers).toEqual([pod().spec.containers[0], { name: "two", image: "z" }, { name: "three" }]);
  });

  test("deletes an item with $patch: delete and a member with null", () => {
    const { containers } = patched({
      spec: {
        containers: [
          { name: "one", $patch: "delete" },
          { name: "two", image: null },
        ],
      },
    }).spec;
    expect(containers).toEqual([{ name: "two" }]);
  });

  test("replaces a whole list with $patch: replace", () => {
    const { containers } = patched({ spec: { containers: [{ $patch: "replace" }, { name: "new" }] } }).spec;
    expect(containers).toEqual([{ name: "new" }]);
  });

  test("replaces lists that have no merge strategy", () => {
    expect(patched({ spec: { tolerations: [] } }).spec.tolerations).toEqual([]);
  });

  test("replaces an object whose strategy is that", () => {
    const budget = (matchLabels: JsonObject): JsonObject => ({ spec: { selector: { matchLabels } } });
    const patch = budget({ b: "2" });
    expect(strategicMergePatch("policy.v1.PodDisruptionBudget", budget({ a: "1" }), patch)).toEqual(patch);
  });

  test("adds to and deletes from lists of plain values", () => {
    const { finalizers } = patched({
      metadata: { finalizers: ["b", "c"], "$deleteFromPrimitiveList/finalizers": ["a"] },
    }).metadata;
    expect(finalizers).toEqual(["b", "c"]);
  });

  test("brings items into the order of $setElementOrder", () => {
    const { containers } = patched({
      spec: {
        "$setElementOrder/containers": [{ name: "three" }, { name: "two" }, { name: "one" }],
        containers: [{ name: "three" }],
      },
    }).spec;
    expect(containers.map(({ name }) => name)).toEqual(["three", "two", "one"]);
  });

  test("keeps only what $retainKeys names", () => {
    const { volumes } = patched({
      spec: { volumes: [{ name: "v", hostPath: { path: "/x" }, $retainKeys: ["name", "hostPath"] }] },
    }).spec;
    expect(volumes).toEqual([{ name: "v", hostPath: { path: "/x" } }]);
  });

  test("without a merge key in an item is refused, naming the item and the key", () => {
    expect(() => patched({ spec: { containers: [{ image: "x" }] } })).toThrow(
      "map: map[image:x] does not contain declared merge key: name",
    );
  });

  test("leaves the original alone", () => {
    const original = pod();
    strategicMergePatch("core.v1.Pod", original, { spec: { containers: [{ name: "one", image: "q" }] } });
    expect(original).toEqual(pod());
  });
});

test("a merge patch removes with null, merges objects and replaces lists", () => {
  expect(mergePatch({ a: { b: 1, c: 2 }, l: [1, 2] }, { a: { b: null, d: { e: null } }, l: [3] })).toEqual({
    a: { c: 2, d: {} },
    l: [3],
  });
});
