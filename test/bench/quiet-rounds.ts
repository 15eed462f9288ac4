import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "./suite.ts";

/** Of what the processors of a virtual machine could have done: more taken away than this, and a round tells of its neighbours. */
const tolerated = 0.05;
const wanted = 3;
const most = 12;
/** After a disturbed round: neighbours come and go within a minute. */
const restMs = 5_000;

/** Measures in rounds and counts those in which this machine had its processors for itself. */
export class QuietRounds {
  readonly #report: Report;
  #stolen = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  /** Percent of the processors that others had in the most disturbed of all rounds that counted. */
  get stolenPercent(): number {
    return this.#stolen * 100;
  }

  /**
   * What came of the three rounds in which the hypervisor gave least of the processors to others (`steal` in proc_stat(5)): the
   * first three in which that was next to nothing, or the best three of twelve. What a round measured has no say in it.
   */
  async of<T>(what: string, work: () => Promise<T>): Promise<readonly T[]> {
    const rounds: { readonly result: T; readonly stolen: number }[] = [];
    for (let quiet = 0; quiet < wanted && rounds.length < most;) {
      const undisturbed = `${quiet} of ${rounds.length} rounds undisturbed, ${wanted} wanted`;
      this.#report(rounds.length === 0 ? what : `${what}: ${undisturbed}`);
      const before = processorTime();
      const result = await work();
      const after = processorTime();
      const stolen = (after.stolen - before.stolen) / (after.all - before.all);
      rounds.push({ result, stolen });
      if (stolen <= tolerated) quiet++;
      else await sleep(restMs);
    }
    const best = rounds.toSorted((a, b) => a.stolen - b.stolen).slice(0, wanted);
    this.#stolen = Math.max(this.#stolen, ...best.map(({ stolen }) => stolen));
    return best.map(({ result }) => result);
  }
}

/** Of all processors together, in ticks of the kernel. */
function processorTime(): { readonly all: number; readonly stolen: number } {
  const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  // user nice system idle iowait irq softirq steal; the time of guests is in user already.
  const ticks = first.split(/\s+/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 };
}
