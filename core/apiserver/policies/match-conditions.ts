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
  readonly #programs: readonly { readonly name: string; readonly program: CelProgram }[];

  /** @throws CelCompileError */
  constructor(environment: CelEnvironment, conditions: readonly MatchConditionSettings[]) {
    this.#programs = conditions.map(({ name, expression }) => ({
      name,
      program: environment.compile(expression, [boolType]),
    }));
  }

  /** @throws Error that names the conditions that could not be evaluated */
  hold(values: Readonly<Record<string, CelValue>>): boolean {
    if (this.#programs.length === 0) return true;
    const budget = new CelBudget(costLimit);
    const failures: string[] = [];
    for (const { name, program } of this.#programs) {
      try {
        if (program.evaluate(values, budget) === false) return false;
      } catch (error) {
        failures.push(
          `match condition ${JSON.stringify(name)}: expression '${program.source}' resulted in error: ${errorMessage(error)}`,
        );
      }
    }
    if (failures.length > 0) throw new Error(failures.join("; "));
    return true;
  }
}
