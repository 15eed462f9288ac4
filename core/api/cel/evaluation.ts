import { CelCostError } from "./cel-error.ts";
import type { CelValue } from "./values.ts";

/** What an expression may cost, in cel-go's units: about one for each step, a tenth for each character looked at. */
export const callCostLimit = 1_000_000;
/** What all rules of one object, or all expressions of one request, may cost together. */
export const totalCostLimit = 10_000_000;

/** The cost that several evaluations share. */
export class CelBudget {
  readonly perCall: number;
  left: number;

  constructor(total = totalCostLimit, perCall = callCostLimit) {
    this.left = total;
    this.perCall = perCall;
  }
}

/** One run of a program: its variables and what it has cost so far. */
export class Evaluation {
  readonly slots: CelValue[];
  readonly #limit: number;
  readonly #kind: "call" | "total";
  cost = 0;

  constructor(slots: CelValue[], budget: CelBudget) {
    this.slots = slots;
    this.#limit = Math.min(budget.perCall, budget.left);
    this.#kind = budget.left < budget.perCall ? "total" : "call";
  }

  spend(units: number): void {
    this.cost += units;
    if (this.cost > this.#limit) throw new CelCostError(this.#kind);
  }
}

/** One step of a program. */
export type Run = (evaluation: Evaluation) => CelValue;
