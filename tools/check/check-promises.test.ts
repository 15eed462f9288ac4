import { expect, it } from "vitest";
import { checkPromises } from "./check-promises.ts";

const page =
  "| it holds | [life](../test/life.test.ts): *comes back*, *stays*; [trust](../test/trust.test.ts): *is hashed* |";

it("finds nothing where every test that is named is there", () => {
  const files: Record<string, string> = {
    "test/life.test.ts": 'it("comes back") it("stays")',
    "test/trust.test.ts": 'it("is hashed")',
  };
  expect(checkPromises(page, (file) => files[file])).toEqual([]);
});

it("names the test and the file that are gone", () => {
  const problems = checkPromises(page, (file) =>
    file === "test/life.test.ts" ? 'it("comes back")' : undefined,
  );
  expect(problems).toEqual([
    'docs/promises.md: test/life.test.ts has no test "stays": name the test that proves it now',
    "docs/promises.md: there is no test/trust.test.ts: name the test that proves it now",
  ]);
});

it("refuses a promise that nothing proves", () => {
  expect(checkPromises("| promise | proof |\n|---|---|\n| it flies | seen once |", () => "")).toEqual([
    "docs/promises.md: no test proves: | it flies | seen once |",
  ]);
});
