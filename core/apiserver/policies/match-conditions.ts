import { errorMessage } from "@berth/base";
import {
  boolType,
  CelBudget,
  type CelEnvironment,
  type CelProgram,
  type CelValue,
} from "../../api/cel/index.ts";
import type { MatchConditionSettings } from "../webhooks/hooks.ts";

/** What all match conditions of one webhook or policy may cost together. */
const costLimit = 2_500_000;

/** Every condition must hold; one that does not decides whatever errors others end with. */
export class MatchConditions {
  readonly #programs: readonly CelProgram[];

  /** @throws CelCompileError */
  constructor(environment: CelEnvironment, conditions: readonly MatchConditionSettings[]) {
    this.#programs = conditions.map(({ expression }) => environment.compile(expression, [boolType]));
  }

  /** @throws Error with the conditions that could not be evaluated */
  hold(values: Readonly<Record<string, CelValue>>): boolean {
    if (this.#programs.length === 0) return true;
    const budget = new CelBudget(costLimit);
    const failures: string[] = [];
    for (const program of this.#programs) {
      try {
        if (program.evaluate(values, budget) === false) return false;
      } catch (error) {
        failures.push(`expression '${program.source}' resulted in error: ${errorMessage(error)}`);
      }
    }
    const told = [...new Set(failures)];
    if (told.length > 0) throw new Error(told.length === 1 ? told[0] : `[${told.join(", ")}]`);
    return true;
  }
}
