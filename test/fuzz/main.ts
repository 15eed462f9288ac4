import { parseArgs } from "node:util";
import { fuzz } from "./fuzz-run.ts";

const usage = "usage: npm run -s fuzz -- [--seconds 60] [--seed 7]";
const report = (line: string): void => void process.stderr.write(`${line}\n`);

const { seconds, seed } = options();
const outcome = await fuzz({ seconds, seed, report });
const { requests, serverErrors, crashes } = outcome;
process.stdout.write(`fuzz: ${requests} requests, ${serverErrors} server errors, ${crashes} crashes\n`);
process.exitCode = serverErrors + crashes > 0 || requests === 0 ? 1 : 0;

function options(): { seconds: number; seed: number } {
  try {
    const { values } = parseArgs({
      options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: "7" } },
    });
    const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
    if (seconds > 0 && Number.isInteger(seed)) return { seconds, seed };
    report(usage);
  } catch (error) {
    report(`${(error as Error).message}\n${usage}`);
  }
  return process.exit(2);
}
