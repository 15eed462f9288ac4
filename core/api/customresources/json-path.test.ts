import { expect, test } from "vitest";
import { parseJsonPath, simplePath } from "./json-path.ts";

const object = {
  metadata: { labels: { "a.b/c": "x" } },
  spec: {
    replicas: 3,
    list: [
      { name: "a", n: 1 },
      { name: "b", n: 2 },
    ],
  },
  status: { conditions: [{ type: "Ready", status: "True" }, { type: "Old" }] },
};

test.each([
  [".spec.replicas", [3]],
  ["{.spec.replicas}", [3]],
  [".spec.list[1].name", ["b"]],
  [".spec.list[-1].name", ["b"]],
  [".spec.list[*].name", ["a", "b"]],
  [".spec.list[0:1].name", ["a"]],
  ["..name", ["a", "b"]],
  ['.status.conditions[?(@.type=="Ready")].status', ["True"]],
  [".status.conditions[?(@.status)].type", ["Ready"]],
  [".spec.list[?(@.n>1)].name", ["b"]],
  [".metadata.labels.a\\.b/c", ["x"]],
  [".metadata.labels['a.b/c']", ["x"]],
  [".nothing.here", []],
])("%s finds %j", (path, found) => {
  expect(parseJsonPath(path)!(object)).toEqual(found);
});

test("what is no path is not taken for one", () => {
  for (const path of [".a[", ".a[?(@.b==)]", ".a b"]) expect(parseJsonPath(path)).toBeUndefined();
});

test("only names make a simple path", () => {
  expect(simplePath(".spec.replicas")).toEqual(["spec", "replicas"]);
  expect(simplePath(".metadata.labels['a.b/c']")).toEqual(["metadata", "labels", "a.b/c"]);
  expect(simplePath(".a[0]")).toBeUndefined();
});
