import type { Random } from "./random.ts";

/** What one round found: nothing, or sentences. */
export interface RoundResult {
  readonly what: string;
  readonly acknowledged: number;
  readonly lost: readonly string[];
  readonly gaps: readonly string[];
}

/** A place where rounds of one sort can be run, one after the other; what it holds is on its maker's stack. */
export interface Arena {
  round(random: Random, label: string): Promise<RoundResult>;
}
