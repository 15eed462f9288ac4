import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { importImage } from "../../core/main/images/import-image.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { compareSnapshots, mentioning } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import { findLeaks, findLost, identityOf, lookAround, untilSettled } from "./at-rest.ts";
import { ChaosNode } from "./chaos-node.ts";
import { inflict } from "./faults.ts";
import { Random } from "./random.ts";
import { type Fault, planFaults } from "./schedule.ts";
import { image, type PodNeed, Workload } from "./workload.ts";

const usage = `usage: npm run -s chaos -- [--minutes N] [--seed S]

  --minutes N  how long faults are inflicted; 1 without it
  --seed S     a whole number: the same seed is the same faults at the same moments; by the clock without it

Needs root and a build. Ends with "chaos: N faults, L lost, K leaked" and exit status 0 when L and K are 0.
Example: npm run -s chaos -- --minutes 1 --seed 7
`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Pods that nothing that is done to core and plugins may touch. */
const steady: Readonly<Record<string, PodNeed>> = {
  plain: "nothing",
  book: "claim",
  gpu: "gpu",
  sandboxed: "gvisor",
};

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 1e6) },
    help: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const seed = Number(values.seed);
if (values.help || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write(usage);
  process.exitCode = values.help ? 0 : 2;
} else await main();

async function main(): Promise<void> {
  const faults = planFaults(seed, minutes * 60_000);
  say(`seed ${seed}: ${faults.length} faults in ${minutes} min`);
  const before = takeSnapshot();
  const node = await ChaosNode.prepare();
  let lost: string[] = [];
  let leaked: string[] = [];
  try {
    ({ lost, leaked } = await Promise.race([run(node, faults), interrupted()]));
  } catch (error) {
    lost.push(`the run did not come to its end: ${error instanceof Error ? error.stack : String(error)}`);
  }
  say("taking the node down");
  node.wakeCore();
  const code = await node.core.stop();
  if (code !== 0) lost.push(`the core ended with ${code}:\n${node.core.logTail()}`);
  const disk = join(node.folder, "d");
  const { added } = compareSnapshots(before, takeSnapshot(), mentioning(...node.words));
  leaked.push(
    ...added
      .filter(({ text }) => !text.startsWith(`${disk} `))
      .map(({ category, text }) => `after the end: ${category}: ${text}`),
  );
  for (const line of lost) say(`lost: ${line}`);
  for (const line of leaked) say(`leaked: ${line}`);
  const isGood = lost.length + leaked.length === 0;
  if (isGood) node.remove();
  else say(`what was written is kept in ${node.folder}`);
  process.stdout.write(`chaos: ${faults.length} faults, ${lost.length} lost, ${leaked.length} leaked\n`);
  process.exitCode = isGood ? 0 : 1;
}

/** Ctrl-C ends a run, but not without taking the node down. */
function interrupted(): Promise<never> {
  return new Promise((_, reject) => {
    process.once("SIGINT", () => reject(new Error("it was interrupted")));
  });
}

async function run(node: ChaosNode, faults: readonly Fault[]): Promise<{ lost: string[]; leaked: string[] }> {
  await node.startCore();
  const client = await node.client();
  const workload = new Workload(client, new Random(seed + 1));
  await workload.prepare();
  let wrong = await untilSettled(client, workload);
  if (wrong.length > 0) throw new Error(`the node does not come up: ${wrong.join("; ")}`);
  const archive = join(node.folder, "image.tar");
  if (!existsSync(archive))
    await buildExampleImage({ output: archive, reference: image, busybox: "/bin/busybox" });
  await importImage(node.kubeconfig, node.name, archive);
  await Promise.all(Object.entries(steady).map(([name, need]) => workload.add(name, need)));
  wrong = await untilSettled(client, workload);
  if (wrong.length > 0) throw new Error(`the pods do not start: ${wrong.join("; ")}`);
  const identities = new Map((await workload.list()).map((pod) => [pod.metadata.name, identityOf(pod)]));
  const rest = lookAround(node);
  say(`at rest with ${identities.size} pods; the faults begin`);

  const over = new AbortController();
  const churning = workload.churn(over.signal);
  await inflictAll(node, faults);
  over.abort();
  say(`${await churning} pods were created meanwhile; waiting for rest`);
  const lost = await untilSettled(client, workload);
  lost.push(...(await findLost(await workload.list(), identities)));
  await workload.removeChurn();
  const leaked = await untilSettled(client, workload);
  leaked.push(...(await untilNoLeaks(() => findLeaks(rest, lookAround(node)))));
  return { lost, leaked };
}

async function inflictAll(node: ChaosNode, faults: readonly Fault[]): Promise<void> {
  const begin = performance.now();
  const open: Promise<void>[] = [];
  for (const [index, fault] of faults.entries()) {
    await sleep(Math.max(0, begin + fault.at - performance.now()));
    const { kind, plugin, lengthMs } = fault;
    const length = lengthMs > 0 ? ` for ${lengthMs} ms` : "";
    say(
      `${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s  ${index + 1}/${faults.length} ${kind}${plugin ? ` ${plugin}` : ""}${length}`,
    );
    const lift = inflict(node, fault);
    open.push(sleep(lengthMs).then(lift));
    // One life of the core at a time.
    if (kind === "kill core") await open.at(-1);
    else await node.ensureCore();
  }
  await Promise.all(open);
  await node.ensureCore();
}

/** What a deleted pod had goes a moment after its object. */
async function untilNoLeaks(look: () => string[]): Promise<string[]> {
  const end = performance.now() + 60_000;
  for (;;) {
    const leaks = look();
    if (leaks.length === 0 || performance.now() > end) return leaks;
    await sleep(500);
  }
}
