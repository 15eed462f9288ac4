import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSuite } from "./run-suite.ts";
import type { CaseResult, Suite } from "./suite.ts";

/** Runs a suite with names and a folder of its own. Answers every result; `problems` is one line for each broken promise. */
export async function checkConformance<Context>(
  suite: Suite<Context>,
  endpoint: string,
  options: {
    options?: Record<string, string>;
    seed?: number;
    only?: string;
    onResult?: (result: CaseResult) => void;
  } = {},
): Promise<{ results: CaseResult[]; problems: string[]; seed: number }> {
  const seed = options.seed ?? randomBytes(4).readUInt32LE();
  const workFolder = await mkdtemp(join(tmpdir(), "bc-"));
  try {
    const prefix = `conf-${randomBytes(3).toString("hex")}`;
    const target = { endpoint, workFolder, prefix, options: options.options ?? {} };
    const results = await runSuite(suite, target, {
      seed,
      ...(options.only === undefined ? {} : { only: options.only }),
      ...(options.onResult ? { onResult: options.onResult } : {}),
    });
    const failed = results.filter(({ outcome }) => outcome === "failed");
    return { results, seed, problems: failed.map(({ name, reason }) => `${name}: ${reason}`) };
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}
