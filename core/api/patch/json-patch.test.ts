import { describe, expect, test } from "vitest";
import { jsonPatch } from "./json-patch.ts";

describe("a JSON patch", () => {
  test("adds, replaces, removes, moves, copies and tests", () => {
    const document = { list: [1, 2], map: { a: 1 } };
    const patched = jsonPatch(document, [
      { op: "test", path: "/map/a", value: 1 },
      { op: "add", path: "/list/1", value: 9 },
      { op: "add", path: "/list/-", value: 3 },
      { op: "replace", path: "/list/0", value: 0 },
      { op: "copy", from: "/map/a", path: "/map/b" },
      { op: "move", from: "/map/a", path: "/c" },
      { op: "remove", path: "/list/2" },
    ]);
    expect(patched).toEqual({ list: [0, 9, 3], map: { b: 1 }, c: 1 });
    expect(document).toEqual({ list: [1, 2], map: { a: 1 } });
  });

  test("reads ~1 and ~0 in pointers", () => {
    expect(jsonPatch({ "a/b": { "c~d": 1 } }, [{ op: "remove", path: "/a~1b/c~0d" }])).toEqual({ "a/b": {} });
  });

  test("of more operations than anybody needs is refused before the first is done", () => {
    const operations = Array.from({ length: 10_000 }, () => ({ op: "add", path: "/a", value: 1 }));
    expect(jsonPatch({}, operations)).toEqual({ a: 1 });
    expect(() => jsonPatch({}, [...operations, {}])).toThrow(
      "maximum operations in a JSON patch is 10000, got 10001",
    );
  });

  test("that tests for another value does not apply", () => {
    expect(() => jsonPatch({ a: 1 }, [{ op: "test", path: "/a", value: 2 }])).toThrow(
      "testing value /a failed",
    );
  });

  test.each([
    [{ op: "remove", path: "/x" }, "nothing at /x"],
    [{ op: "add", path: "/list/7", value: 1 }, "nothing at /list/7"],
    [{ op: "add", path: "/list/x", value: 1 }, "nothing at /list/x"],
    [{ op: "remove", path: "/list/-1" }, "nothing at /list/-1"],
    [{ op: "replace", path: "/list/0", value: 1 }, "nothing at /list/0"],
    [{ op: "replace", path: "/x/y", value: 1 }, "nothing at /x"],
    [{ op: "test", path: "/x/y", value: null }, "nothing at /x"],
    [{ op: "add", path: "x", value: 1 }, "nothing at /"],
    [{ op: "frob", path: "/x" }, 'unknown op "frob"'],
    [{ op: "move", from: "/list", path: "/list/0" }, "into itself"],
  ])("%j is refused", (operation, sentence) => {
    expect(() => jsonPatch({ list: [] }, [operation])).toThrow(sentence);
  });

  test.each<[object, object]>([
    [
      { op: "replace", path: "/new", value: 1 },
      { list: [1, 2], new: 1 },
    ],
    [
      { op: "add", path: "/new" },
      { list: [1, 2], new: null },
    ],
    [
      { op: "copy", from: "/none", path: "/new" },
      { list: [1, 2], new: null },
    ],
    [{ op: "test", path: "/none", value: null }, { list: [1, 2] }],
    [{ op: "add", path: "/list/-1", value: 3 }, { list: [1, 2, 3] }],
    [{ op: "remove", path: "/list/-1" }, { list: [1] }],
    [{ op: "replace", path: "/list/-2", value: 0 }, { list: [0, 2] }],
  ])("%j is taken, as the real server takes it", (operation, expected) => {
    expect(jsonPatch({ list: [1, 2] }, [operation])).toEqual(expected);
  });

  test("cannot reach what every object inherits", () => {
    expect(() => jsonPatch({}, [{ op: "add", path: "/__proto__/polluted", value: 1 }])).toThrow("nothing at");
    jsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: 1 } }]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
