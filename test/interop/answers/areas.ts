import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, parse } from "node:path";
import type { Answer, Scenario } from "./exchange.ts";

const here = import.meta.dirname;

/** A file of scenarios, with what the real server answered. */
export interface Area {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

export async function readAreas(): Promise<Area[]> {
  const files = globSync("*.ts", { cwd: join(here, "scenarios") }).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const { scenarios } = (await import(join(here, "scenarios", file))) as { scenarios: Scenario[] };
      return { name: parse(file).name, scenarios };
    }),
  );
}

const recordOf = (area: string): string => join(here, "recorded", `${area}.jsonl`);

/** By scenario. Throws when the area has not been recorded. */
export function readRecord(area: string): Map<string, Answer[]> {
  const lines = readFileSync(recordOf(area), "utf8").split("\n").filter(Boolean);
  const records = lines.map((line) => JSON.parse(line) as { scenario: string; answers: Answer[] });
  return new Map(records.map(({ scenario, answers }) => [scenario, answers]));
}

export function writeRecord(area: string, record: ReadonlyMap<string, readonly Answer[]>): void {
  const lines = [...record].map(([scenario, answers]) => JSON.stringify({ scenario, answers }));
  writeFileSync(recordOf(area), `${lines.join("\n")}\n`);
}
