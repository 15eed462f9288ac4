import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { groupTests } from "./test-groups.ts";
import { readReport, type Tally } from "./vitest-report.ts";

const root = join(import.meta.dirname, "../..");
const binaries = join(root, "node_modules/.bin");

/** Checks without a test runner of their own count as one test each. */
const staticChecks: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["types", join(binaries, "tsc"), "-p", "."],
  ["lint", join(binaries, "oxlint"), "--type-aware", "--deny-warnings"],
  ["format", join(binaries, "oxfmt"), "--check", "."],
  ["layers and sizes", process.execPath, "tools/check/main.ts"],
];

const total: Tally = { passed: 0, failed: 0, skipped: [] };
const failures: string[] = [];

for (const [name, command, ...args] of staticChecks) {
  heading(name);
  if ((await run(command, args)) === 0) total.passed++;
  else {
    total.failed++;
    failures.push(name);
  }
}
const { beside, alone } = groupTests(
  globSync(["test/integration/**/*.test.ts", "test/interop/*.test.ts"], { cwd: root }).toSorted(),
);
const integration = ["--project", "integration"];
const workers = `--maxWorkers=${Math.min(availableParallelism(), 4)}`;
const vitestRuns: readonly (readonly [name: string, ...args: string[]])[] = [
  ["unit tests", "--project", "unit"],
  ["integration tests beside each other", ...integration, "--fileParallelism", workers, ...beside],
  ["integration tests that have the machine", ...integration, ...alone],
];
for (const [name, ...args] of vitestRuns) {
  heading(name);
  const tally = await runVitest(name, args);
  total.passed += tally.passed;
  total.failed += tally.failed;
  total.skipped.push(...tally.skipped);
  if (tally.failed > 0) failures.push(name);
}

for (const name of total.skipped) console.log(`skipped: ${name}`);
if (failures.length > 0) console.log(`failed: ${failures.join(", ")}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

function heading(name: string): void {
  console.log(`\n── ${name}`);
}

async function runVitest(name: string, args: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "berth-test-"));
  const report = join(folder, "report.json");
  try {
    const code = await run(join(binaries, "vitest"), [
      ...["run", ...args, "--no-color"],
      ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    ]);
    const tally = readReport(readFileSync(report, "utf8"));
    if (code !== 0 && tally.failed === 0) tally.failed = 1;
    return tally;
  } catch (error) {
    console.error(`${name}: no report of the tests: ${(error as Error).message}`);
    return { passed: 0, failed: 1, skipped: [] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const path = `${binaries}:${process.env.PATH ?? ""}`;
    const child = spawn(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, PATH: path } });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}
