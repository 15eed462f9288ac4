import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BerthError, errorCatalogue, type ErrorDefinition } from "@berth/base";
import { listSources } from "../../tools/check/list-sources.ts";
import { renderErrorCatalogue } from "../../tools/docs/error-catalogue.ts";

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

const owners = ["operator", "plugin author", "cluster user", "berth"];

/** What an entry lacks, in words; nothing for a complete one. */
function lacks({ code, owner, next }: Partial<ErrorDefinition>): string[] {
  return [
    ...(owners.includes(owner ?? "") ? [] : [`${code} names no owner`]),
    // A sentence of several words with its end.
    ...(/^\S+ .+[\w.)…]$/.test(next ?? "") ? [] : [`${code} does not say what its owner does next`]),
    ...(placeholder.test(`${code} ${next}`.replace(/BERTH_\w+/g, "")) ? [`${code} says Unknown`] : []),
  ];
}

test("every entry of the error catalogue has an owner and a next step, and docs/errors.md shows both", async () => {
  const text = await renderErrorCatalogue(root);
  const definitions = listSources(root)
    .filter((file) => !/\.test\.ts$|^test\/|^tools\//.test(file))
    .map((file) => readFileSync(join(root, file), "utf8").split("BerthError.define({").length - 1);
  expect(errorCatalogue.size).toBe(definitions.reduce((sum, count) => sum + count, 0));
  expect(errorCatalogue.size).toBeGreaterThan(100);
  expect([...errorCatalogue.values()].flatMap(lacks)).toEqual([]);
  expect(readFileSync(join(root, "docs/errors.md"), "utf8"), "npm run docs brings it up to date").toBe(text);
  for (const { owner, next } of errorCatalogue.values())
    expect(text).toContain(`| ${owner} | ${next.replaceAll("|", "\\|")} |`);
});

test("an entry without an owner or a next step is refused where it is made, and found", () => {
  const whole = {
    code: "BERTH_TEST_X",
    grpc: "INTERNAL",
    http: 500,
    owner: "operator",
    next: "Do it.",
  } as const;
  for (const part of ["owner", "next"] as const) {
    const entry = { ...whole, [part]: "" } as unknown as ErrorDefinition;
    expect(() => BerthError.define(entry)).toThrow(`error code BERTH_TEST_X has no ${part}`);
    expect(lacks(entry)).toHaveLength(1);
  }
  expect(lacks(whole)).toEqual([]);
});
