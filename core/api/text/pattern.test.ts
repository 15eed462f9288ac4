import { expect, test } from "vitest";
import { parsePattern } from "./pattern.ts";

test("a pattern matches anywhere unless it is anchored", () => {
  expect(parsePattern("b+")!.found("abbc")).toBe(true);
  expect(parsePattern("^b+$")!.found("abbc")).toBe(false);
});

test("takes RE2's own syntax and refuses what it does not know", () => {
  expect(parsePattern("(?i)^\\pL+$")!.found("Größe")).toBe(true);
  expect(parsePattern("(?=a)b")).toBeUndefined();
  expect(parsePattern("(")).toBeUndefined();
});

test("a pattern that backtracking engines choke on answers", () => {
  expect(parsePattern("^(a+)+$")!.found(`${"a".repeat(5000)}!`)).toBe(false);
});
