import { errorMessage } from "@berth/base";
import { seededRandom, shuffled } from "./random.ts";
import type { Case, CaseResult, Suite, Target } from "./suite.ts";

const caseMs = 120_000;

export interface RunOptions {
  /** Decides the order of the cases; the same seed, the same order. */
  readonly seed: number;
  /** Only cases whose name contains this. */
  readonly only?: string;
  readonly onResult?: (result: CaseResult) => void;
}

/** Runs every case once, each from a clean plugin to a clean plugin; what a case leaves behind is its failure. */
export async function runSuite<Context>(
  suite: Suite<Context>,
  target: Target,
  options: RunOptions,
): Promise<CaseResult[]> {
  const context = await suite.open(target);
  const results: CaseResult[] = [];
  try {
    const wanted = suite.cases.filter(({ name }) => name.includes(options.only ?? ""));
    for (const one of shuffled(wanted, seededRandom(options.seed))) {
      const result = await runCase(suite, one, context);
      results.push(result);
      options.onResult?.(result);
    }
  } finally {
    await suite.close(context);
  }
  return results;
}

async function runCase<Context>(
  suite: Suite<Context>,
  one: Case<Context>,
  context: Context,
): Promise<CaseResult> {
  const start = performance.now();
  const done = (outcome: CaseResult["outcome"], reason: string): CaseResult => ({
    contract: suite.contract,
    name: one.name,
    outcome,
    reason,
    ms: Math.round(performance.now() - start),
  });
  const skipped = one.skip?.(context);
  if (skipped !== undefined) return done("skipped", skipped);
  const problems: string[] = [];
  try {
    await one.run(context, AbortSignal.timeout(caseMs));
  } catch (error) {
    problems.push(errorMessage(error));
  }
  try {
    problems.push(...(await suite.cleanUp(context)).map((left) => `left behind: ${left}`));
  } catch (error) {
    problems.push(`cleaning up failed: ${errorMessage(error)}`);
  }
  return problems.length === 0 ? done("passed", "") : done("failed", problems.join("; "));
}
