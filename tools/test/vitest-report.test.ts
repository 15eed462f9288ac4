import { expect, test } from "vitest";
import { readReport } from "./vitest-report.ts";

test("a file that could not be loaded is a failure, not silence", () => {
  const report = { testResults: [{ name: "a.test.ts", status: "failed", assertionResults: [] }] };
  expect(readReport(JSON.stringify(report))).toEqual({ passed: 0, failed: 1, skipped: [] });
});

test("skipped tests keep their names", () => {
  const assertionResults = [
    { status: "passed", fullName: "one" },
    { status: "skipped", fullName: "two" },
    { status: "todo", fullName: "three" },
  ];
  const report = { testResults: [{ name: "a.test.ts", status: "passed", assertionResults }] };
  expect(readReport(JSON.stringify(report))).toEqual({ passed: 1, failed: 0, skipped: ["two", "three"] });
});
