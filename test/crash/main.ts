/**
 * `npm run -s crash -- --rounds 20 --seed 7`: kills servers and cuts the power of disks under load, again and again, with
 * both stores, and says what was lost. Progress goes to standard error. The same seed chooses the same victims, moments and
 * requests.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { DisposableStack, errorMessage } from "@berth/base";
import { etcdProgram, haveEtcd } from "../support/etcd/etcd-process.ts";
import type { BackendName } from "./backend.ts";
import { killArena } from "./kill-rounds.ts";
import { powerArena } from "./power-rounds.ts";
import { seeded } from "./random.ts";
import type { Arena } from "./round.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "20" }, seed: { type: "string", default: "7" } },
});
const rounds = wholeNumber("rounds", values.rounds);
const seed = wholeNumber("seed", values.seed);
if (!haveEtcd) fail(`${etcdProgram} is missing: apt-get install etcd-server`);

const sorts: readonly { name: string; open: (folder: string, stack: DisposableStack) => Promise<Arena> }[] = (
  ["sqlite", "etcd"] as const satisfies readonly BackendName[]
).flatMap((backend) => [
  { name: `${backend}, kill`, open: (folder, stack) => killArena(backend, folder, stack) },
  { name: `${backend}, power`, open: (folder, stack) => powerArena(backend, folder, stack) },
]);

let done = 0;
let lost = 0;
let gaps = 0;
try {
  for (const [index, sort] of sorts.entries()) {
    const share = Math.floor(rounds / sorts.length) + (index < rounds % sorts.length ? 1 : 0);
    if (share > 0) await runRounds(sort, share);
  }
} catch (error) {
  fail(errorMessage(error));
}
console.log(`crash: ${done} rounds, ${lost} lost writes, ${gaps} gaps`);
process.exit(lost + gaps > 0 ? 1 : 0);

async function runRounds({ name, open }: (typeof sorts)[number], count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "berth-crash-"));
  const stack = new DisposableStack(name);
  stack.defer(folder, () => rmSync(folder, { recursive: true, force: true }));
  try {
    const arena = await open(folder, stack);
    for (let i = 0; i < count; i++) {
      const round = done + 1;
      const result = await arena.round(seeded(seed * 10_007 + round), `r${round}`);
      done = round;
      lost += result.lost.length;
      gaps += result.gaps.length;
      console.error(
        `round ${round}/${rounds}: ${name}: ${result.what}: ${result.acknowledged} writes acknowledged, ` +
          `${result.lost.length} lost, ${result.gaps.length} gaps`,
      );
      for (const fault of [...result.lost.map((one) => `lost: ${one}`), ...result.gaps].slice(0, 10))
        console.error(`  ${fault}`);
    }
  } catch (error) {
    // What went wrong first is what is told.
    await stack.disposeWithReport();
    throw new Error(`${name}: ${errorMessage(error)}`, { cause: error });
  }
  await stack.dispose();
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) fail(`--${name} ${text}: a whole number of 1 or more`);
  return Number(text);
}

function fail(message: string): never {
  console.error(`crash: ${message}`);
  process.exit(2);
}
