import { describe, expect, it } from "vitest";
import { unifiedDiff } from "./unified-diff.ts";

const lines = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

function replaced(all: readonly string[], ...changes: readonly [at: number, ...by: string[]][]): string[] {
  return all.flatMap((line, index) => {
    const change = changes.find(([at]) => at === index + 1);
    return change ? change.slice(1).map(String) : [line];
  });
}

describe("unifiedDiff", () => {
  it("shows what differs with three lines around it, and nothing of what is the same", () => {
    expect(unifiedDiff(lines(9), lines(9))).toBe("");
    expect(unifiedDiff(lines(9), replaced(lines(9), [5, "five", "and more"]))).toBe(
      [
        "@@ -2,7 +2,8 @@",
        ...[
          " line 2",
          " line 3",
          " line 4",
          "-line 5",
          "+five",
          "+and more",
          " line 6",
          " line 7",
          " line 8",
        ],
        "",
      ].join("\n"),
    );
  });

  it("joins changes that are near each other, and keeps others apart", () => {
    const heads = (text: string): string[] => text.match(/^@@.*$/gm) ?? [];
    const [near, far] = [7, 8].map((gap) => replaced(lines(20), [5, "a"], [5 + gap, "b"]));
    expect(heads(unifiedDiff(lines(20), near!))).toEqual(["@@ -2,14 +2,14 @@"]);
    expect(heads(unifiedDiff(lines(20), far!))).toEqual(["@@ -2,7 +2,7 @@", "@@ -10,7 +10,7 @@"]);
  });

  it("shows what was put in or taken away at the ends", () => {
    expect(unifiedDiff([], ["a"])).toBe("@@ -0,0 +1 @@\n+a\n");
    expect(unifiedDiff(["a", "b"], ["b"])).toBe("@@ -1,2 +1 @@\n-a\n b\n");
    expect(unifiedDiff(["b"], ["b", "c"])).toBe("@@ -1 +1,2 @@\n b\n+c\n");
  });
});
