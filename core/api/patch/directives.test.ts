import { expect, test } from "vitest";
import type { JsonObject } from "../json/json-value.ts";
import { jsonPatch } from "./json-patch.ts";
import { strategicMergePatch } from "./strategic-merge-patch.ts";

const pod = (spec: JsonObject): JsonObject => ({ apiVersion: "v1", kind: "Pod", spec });
const patched = (spec: JsonObject, patch: JsonObject): unknown =>
  strategicMergePatch("core.v1.Pod", pod(spec), { spec: patch })["spec"];

test("an object that replaces keeps nothing of the one before", () => {
  const spec = { securityContext: { runAsUser: 1, fsGroup: 2 } };
  const patch = { securityContext: { $patch: "replace", runAsUser: 3 } };
  expect(patched(spec, patch)).toEqual({ securityContext: { runAsUser: 3 } });
});

test("a directive that nobody knows is refused", () => {
  expect(() => patched({}, { $patch: "swap" })).toThrow("unknown patch type: swap in map: map[");
});

test("an item that is not there is not made by deleting it", () => {
  const containers = [{ name: "a" }];
  expect(patched({ containers }, { containers: [{ name: "b", $patch: "delete" }] })).toEqual({ containers });
});

test("an order without a list puts what is there in order", () => {
  const [a, b] = [{ name: "a" }, { name: "b" }];
  const patch = { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] };
  expect(patched({ containers: [a, b] }, patch)).toEqual({ containers: [b, a] });
});

test("~01 in a pointer is ~1, and no slash", () => {
  const patch = [{ op: "add", path: "/~01", value: 1 }];
  expect(jsonPatch({}, patch)).toEqual({ "~1": 1 });
});
