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

  test("that tests for another value does not apply", () => {
    expect(() => jsonPatch({ a: 1 }, [{ op: "test", path: "/a", value: 2 }])).toThrow(
      "testing value /a failed",
    );
  });

  test.each([
    [{ op: "remove", path: "/x" }, "nothing at /x"],
    [{ op: "add", path: "/list/7", value: 1 }, "nothing at /list/7"],
    [{ op: "add", path: "/list/01", value: 1 }, "nothing at /list/01"],
    [{ op: "add", path: "x", value: 1 }, "no JSON pointer"],
    [{ op: "add", path: "/x" }, "has no value"],
    [{ op: "frob", path: "/x" }, 'unknown op "frob"'],
    [{ op: "move", from: "/list", path: "/list/0" }, "into itself"],
  ])("%j is refused", (operation, sentence) => {
    expect(() => jsonPatch({ list: [] }, [operation])).toThrow(sentence);
  });

  test("cannot reach what every object inherits", () => {
    expect(() => jsonPatch({}, [{ op: "add", path: "/__proto__/polluted", value: 1 }])).toThrow("nothing at");
    jsonPatch({}, [{ op: "add", path: "/__proto__", value: { polluted: 1 } }]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });
});
