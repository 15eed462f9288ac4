import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listSources } from "../../tools/check/list-sources.ts";

const root = join(import.meta.dirname, "../..");
const placeholder = /\bunknown\b(?! (?:key|field|until))/i;

/** String literals that stand where a report or an event gets its reason and message. */
function toldTexts(text: string): string[] {
  const calls = text.matchAll(
    /\b(?:report|events?\.event)\(\s*(?:[\w.]+,\s*)?"(?:Normal|Warning)",([^;]*?)\);/gs,
  );
  return [...calls].flatMap(([, rest = ""]) =>
    [...rest.matchAll(/"([^"]*)"|`([^`]*)`/g)].map(([, a, b]) => a ?? b ?? ""),
  );
}

const told = listSources(root)
  .filter((file) => file.startsWith("core/") && !file.endsWith(".test.ts"))
  .flatMap((file) => toldTexts(readFileSync(join(root, file), "utf8")).map((text) => `${file}: ${text}`));

test("events are found in the sources, and none of them says Unknown", () => {
  expect(told.length).toBeGreaterThan(10);
  expect(told.filter((text) => placeholder.test(text))).toEqual([]);
});

test("every entry of the error catalogue says what to do next, and none says Unknown", () => {
  const rows = readFileSync(join(root, "docs/errors.md"), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("| `BERTH"));
  expect(rows.length).toBeGreaterThan(30);
  for (const row of rows) expect(row.split("|").at(-2)?.trim()).toMatch(/^\S+ \S+/);
  expect(rows.filter((row) => placeholder.test(row))).toEqual([]);
});
