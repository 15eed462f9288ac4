import { Connection } from "@berth/verbs";
import { Command, Option } from "commander";
import { checkConformance } from "./check-conformance.ts";
import { cniSuite } from "./cni/cni-suite.ts";
import { csiSuite } from "./csi/csi-suite.ts";
import { deviceSuite } from "./device/device-suite.ts";
import { sessionSuite } from "./session/session-suite.ts";
import type { CaseResult, Suite } from "./suite.ts";

const suites = [csiSuite, cniSuite, deviceSuite, sessionSuite] as unknown as Suite<unknown>[];
/** Starts the plugin itself. */
const starting = suites.at(-1);
/** A plugin that was started just before needs a moment until it serves, in milliseconds. */
const patienceMs = 10_000;
const marks = { passed: "ok  ", failed: "FAIL", skipped: "skip" } as const;

interface Flags {
  endpoint: string;
  seed?: string;
  only?: string;
  repeat: string;
  option: string[];
  json?: boolean;
}

const collect = (value: string, all: string[]): string[] => [...all, value];

await new Command("conformance")
  .description("Checks a plugin on any socket against the promises of its contract.")
  .argument("<contract>", suites.map(({ contract }) => contract).join(", "))
  .option("--endpoint <unix:///…>", "where the plugin serves; not for session, which starts it", "")
  .option("--seed <number>", "order of the cases; printed at the end, random without it")
  .option("--only <text>", "cases whose name contains this")
  .option("--repeat <times>", "runs, each with another seed", "1")
  .addOption(
    new Option("--option <name=value>", "setting of a suite: command, config, network, options")
      .default([])
      .argParser(collect),
  )
  .option("--json", "one JSON object a case")
  .addHelpText("after", "\nExample: node conformance/main.ts csi --endpoint unix:///tmp/csi.sock")
  .action(async (contract: string, flags: Flags, command: Command) => {
    const suite = suites.find((one) => one.contract === contract);
    if (!suite)
      throw new Error(`no suite for ${contract}; there are ${suites.map((one) => one.contract).join(", ")}`);
    if (suite !== starting) await untilServed(flags.endpoint, command);
    const options = Object.fromEntries(flags.option.map((pair) => splitPair(pair)));
    let failed = 0;
    for (let time = 0; time < Number(flags.repeat); time++) {
      const { results, seed } = await checkConformance(suite, flags.endpoint, {
        options,
        ...(flags.seed === undefined ? {} : { seed: Number(flags.seed) + time }),
        ...(flags.only === undefined ? {} : { only: flags.only }),
        onResult: (result) => process.stdout.write(`${flags.json ? JSON.stringify(result) : line(result)}\n`),
      });
      const count = (outcome: string): number =>
        results.filter((result) => result.outcome === outcome).length;
      failed += count("failed");
      process.stderr.write(
        `${contract}: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped, seed ${seed}\n`,
      );
    }
    process.exitCode = failed === 0 ? 0 : 1;
  })
  .parseAsync();

async function untilServed(endpoint: string, command: Command): Promise<void> {
  if (endpoint === "") command.error("error: --endpoint is needed: where the plugin serves, unix:///…");
  const connection = new Connection(endpoint);
  try {
    await connection.ready(patienceMs);
  } catch {
    command.error(`error: nobody serves at ${endpoint}: start the plugin with this --endpoint first`);
  } finally {
    connection.dispose();
  }
}

function line({ outcome, name, reason, ms }: CaseResult): string {
  return `${marks[outcome]} ${name} (${ms} ms)${reason ? `\n       ${reason}` : ""}`;
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  if (at < 0) throw new Error(`--option ${pair} is not name=value`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
