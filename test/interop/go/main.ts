import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runAnswersSuite } from "./answers-suite.ts";
import { cnitool, runCniSuite } from "./cni-suite.ts";
import { critest, runCriSuite } from "./cri-suite.ts";
import { csiSanity, runCsiSuite } from "./csi-suite.ts";
import { e2eTest, runE2eSuite } from "./e2e-suite.ts";
import { buildGoProgram, type GoProgram, hasGo } from "./go-program.ts";
import { kubeApiserver } from "./kube-apiserver.ts";
import type { Tally } from "./tally.ts";
import { runTranscriptsSuite } from "./transcripts-suite.ts";

// Suites of the contracts' own makers, against our plugins started by hand, and our API server beside the real one.
const root = join(import.meta.dirname, "../../..");
const suites: readonly (readonly [
  name: string,
  program: GoProgram,
  run: (program: string, root: string, folder: string, parts: readonly string[]) => Promise<Tally>,
])[] = [
  [csiSanity.name, csiSanity, runCsiSuite],
  [cnitool.name, cnitool, runCniSuite],
  [critest.name, critest, runCriSuite],
  [kubeApiserver.name, kubeApiserver, runAnswersSuite],
  ["kubectl", kubeApiserver, runTranscriptsSuite],
  [e2eTest.name, e2eTest, runE2eSuite],
];

const [wanted, ...parts] = process.argv.slice(2);
const names = suites.map(([name]) => name);
if (wanted !== undefined && !names.includes(wanted)) {
  console.error(`there is no suite ${wanted}: name one of ${names.join(", ")}, or none for all`);
  process.exit(2);
}
for (const [suite, program, run] of suites) {
  if (wanted !== undefined && wanted !== suite) continue;
  const name = `${suite === program.name ? "" : `${suite} with `}${program.name} ${program.version}`;
  if (!hasGo) {
    console.log(`${name}: SKIPPED, there is no Go on this machine that could build it`);
    continue;
  }
  const folder = mkdtempSync(join(tmpdir(), "bgo-"));
  try {
    console.log(`${name}: building unless it is built`);
    const path = await buildGoProgram(program);
    console.log(`${name}: running`);
    const { passed, failed, skipped } = await run(path, root, folder, parts);
    for (const { name: at, why } of failed) console.log(`  failed: ${at}\n    ${why.slice(0, 100_000)}`);
    console.log(`${name}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
    if (failed.length > 0 || passed === 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
