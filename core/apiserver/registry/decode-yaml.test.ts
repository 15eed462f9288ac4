import { isBerthError } from "@berth/base";
import { expect, test } from "vitest";
import { malformedObject, objectTooLarge } from "../../api/index.ts";
import { decodeYaml } from "./decode-yaml.ts";

const decode = (text: string): ReturnType<typeof decodeYaml> => decodeYaml(Buffer.from(text));

test("repeated keys are told by their paths, in YAML as in JSON, and where YAML has them", () => {
  expect(decode("a: 1\nb:\n- c: 1\n  c: 2\na: 2\n")).toEqual({
    value: { a: 2, b: [{ c: 2 }] },
    duplicates: ["b[0].c", "a"],
    complaints: ['line 4: key "c" already set in map', 'line 5: key "a" already set in map'],
  });
  expect(decode('{"a": 1, "a": 2}').duplicates).toEqual(["a"]);
});

test("integers that a double cannot hold survive where the text is JSON", () => {
  expect(JSON.stringify(decode('{"a": 9223372036854775807}').value)).toBe('{"a":9223372036854775807}');
});

test.each([
  ["nesting without an end", "[".repeat(3000), objectTooLarge],
  ["nesting in block style", `a: ${"[".repeat(3000)}`, objectTooLarge],
  ["more than the limit", `a: ${"x".repeat(600_000)}`, objectTooLarge],
  ["two documents", "--- a\n--- b\n", malformedObject],
  ["a list that holds itself", "a: &a [*a]", malformedObject],
  ["an alias of nothing", "a: *b", malformedObject],
])("%s is refused", (_, text, definition) => {
  let thrown: unknown;
  try {
    decode(text);
  } catch (error) {
    thrown = error;
  }
  expect(isBerthError(thrown, definition)).toBe(true);
});

test("what nests too deep is said to, however the parser puts it", () => {
  expect(() => decode(`a: ${"[".repeat(50_000)}${"]".repeat(50_000)}`)).toThrow(
    "the body nests more objects and lists than are taken",
  );
});

test("references that multiply each other are not followed", () => {
  const lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"];
  for (let level = 1; level < 9; level++) {
    const before = `*a${level - 1}`;
    lines.push(`a${level}: &a${level} [${Array(9).fill(before).join(",")}]`);
  }
  expect(() => decode(lines.join("\n"))).toThrow("not YAML");
});
