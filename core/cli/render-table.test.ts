import { expect, test } from "vitest";
import { renderTable } from "./render-table.ts";

test("columns line up and an absent value is a dash", () => {
  const text = renderTable(
    ["name", "pid"],
    [
      ["cri-containerd", 12],
      ["gpu", undefined],
    ],
  );
  expect(text.split("\n")).toEqual(["NAME             PID", "cri-containerd   12", "gpu              -"]);
});

test("a line never outgrows the terminal", () => {
  const lines = renderTable(["name", "reason"], [["a", "x".repeat(200)]], 40).split("\n");
  expect(Math.max(...lines.map((line) => line.length))).toBe(40);
  expect(lines[1]).toMatch(/…$/);
});
