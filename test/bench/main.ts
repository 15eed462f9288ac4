import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type BenchSuite, renderTable } from "./suite.ts";

const helpers = new Set(["main", "suite"]);
const files = readdirSync(import.meta.dirname, { withFileTypes: true });
const names = files
  .filter((entry) => entry.isFile() && /^[a-z]+\.ts$/.test(entry.name))
  .map((entry) => entry.name.slice(0, -".ts".length))
  .filter((name) => !helpers.has(name));

const report = (line: string): void => void process.stderr.write(`${line}\n`);

const [name, ...rest] = process.argv.slice(2);
if (name === undefined || rest.length > 0 || !names.includes(name)) {
  report(`usage: npm run -s bench -- SUITE, where SUITE is one of: ${names.join(", ")}`);
  process.exit(2);
}

try {
  const { suite } = (await import(join(import.meta.dirname, `${name}.ts`))) as { suite: BenchSuite };
  const result = await suite.run(report);
  report(renderTable(result));
  process.stdout.write(`${JSON.stringify({ suite: suite.name, ...result })}\n`);
} catch (error) {
  report(`bench ${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exitCode = 1;
}
