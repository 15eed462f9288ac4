import { CelCompileError } from "./cel-error.ts";
import { estimateCost } from "./cost-estimate.ts";
import { unbounded, type Extent } from "./extent.ts";
import { check, type ObjectTypes } from "./checker.ts";
import { compile } from "./compiler.ts";
import { type CelBudget, Evaluation, type Run } from "./evaluation.ts";
import { FunctionTable } from "./library/functions.ts";
import { parse } from "./parser.ts";
import type { CelType } from "./types.ts";
import type { CelValue } from "./values.ts";

/**
 * Kubernetes' environment of the Common Expression Language: its functions, and the variables of one use of it. Making one is
 * dear (all signatures are read), so make one for each use and {@link extend} it for each set of variables.
 *
 * Why not a library: none on the registry reads all of the syntax that Kubernetes' users write (object construction, optional
 * members, quoted names), counts costs, or keeps regular expressions linear.
 */
export class CelEnvironment {
  readonly #functions: FunctionTable;
  readonly #variables: ReadonlyMap<string, CelType>;
  readonly #objects: ObjectTypes;

  /** @param objects the types that expressions may construct, such as `Object.spec` in mutations */
  constructor(
    variables: ReadonlyMap<string, CelType> | Readonly<Record<string, CelType>>,
    objects: ObjectTypes = () => undefined,
    functions = new FunctionTable(),
  ) {
    this.#variables = variables instanceof Map ? variables : new Map(Object.entries(variables));
    this.#objects = objects;
    this.#functions = functions;
  }

  /** The same functions with more or other variables, and perhaps other objects to construct. */
  extend(variables: Readonly<Record<string, CelType>>, objects: ObjectTypes = this.#objects): CelEnvironment {
    const all = new Map([...this.#variables, ...Object.entries(variables)]);
    return new CelEnvironment(all, objects, this.#functions);
  }

  /**
   * The most that an expression may cost, in the units of a {@link CelBudget}.
   * @param extents how large the variables' values may be; those not named may be as large as any
   * @throws CelCompileError
   */
  estimate(expression: string, extents: Readonly<Record<string, Extent>>): number {
    const root = parse(expression);
    check(expression, root, this.#variables, this.#functions, this.#objects);
    return estimateCost(
      root,
      [...this.#variables.keys()].map((name) => extents[name] ?? unbounded),
    );
  }

  /**
   * Parses and type-checks. What has no declared type is `dyn` and checked while running.
   * @param results the types it may evaluate to; any when absent
   * @throws CelCompileError with every problem and its place
   */
  compile(expression: string, results?: readonly CelType[]): CelProgram {
    const root = parse(expression);
    const { type, slots } = check(expression, root, this.#variables, this.#functions, this.#objects);
    if (results && !results.some(({ name }) => name === type.name)) {
      const told = results.filter(({ of }) => of[0]?.kind !== "param");
      const names = told.map(({ name }) => (name === "null" ? "null_type" : name));
      const why =
        names.length === 1 ? `must evaluate to ${names[0]}` : `must evaluate to one of [${names.join(" ")}]`;
      throw new WrongResultError(expression, `${why} but got ${type.name}`);
    }
    return new CelProgram(expression, type, compile(root), [...this.#variables.keys()], slots);
  }
}

/** An expression that is right in itself but answers something else than it should. */
export class WrongResultError extends CelCompileError {
  constructor(source: string, why: string) {
    super(source, [{ at: 0, message: why }]);
    this.message = why;
  }
}

/** A compiled expression. Holds no state of a run and may be kept as long as its source stays. */
export class CelProgram {
  readonly source: string;
  readonly type: CelType;
  readonly #run: Run;
  readonly #variables: readonly string[];
  readonly #slots: number;

  constructor(source: string, type: CelType, run: Run, variables: readonly string[], slots: number) {
    this.source = source;
    this.type = type;
    this.#run = run;
    this.#variables = variables;
    this.#slots = slots;
  }

  /**
   * @param values of every variable of the environment; null for what is absent ({@link fromJson} wraps decoded JSON)
   * @throws CelRuntimeError for errors of the expression, CelCostError when it costs more than the budget allows
   */
  evaluate(values: Readonly<Record<string, CelValue>>, budget: CelBudget): CelValue {
    const slots: CelValue[] = Array.from({ length: this.#slots }, () => null);
    for (const [slot, name] of this.#variables.entries()) slots[slot] = values[name] ?? null;
    const evaluation = new Evaluation(slots, budget);
    try {
      return this.#run(evaluation);
    } finally {
      budget.left -= evaluation.cost;
    }
  }
}
