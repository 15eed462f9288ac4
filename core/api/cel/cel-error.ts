/** Why an expression cannot be compiled: one or more problems, each with its place, in cel-go's form. */
export class CelCompileError extends Error {
  readonly problems: readonly CelProblem[];

  constructor(source: string, problems: readonly CelProblem[]) {
    super(problems.map((problem) => located(source, problem)).join("\n"));
    this.name = "CelCompileError";
    this.problems = problems;
  }
}

export interface CelProblem {
  readonly message: string;
  /** Offset into the source, in UTF-16 units. */
  readonly at: number;
}

/** An evaluation that ended with an error: a missing key, an overflow, a function's complaint. */
export class CelRuntimeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CelRuntimeError";
  }
}

/** An evaluation that cost more than it may. Never absorbed by `||` and `&&`. */
export class CelCostError extends Error {
  /** "call": this evaluation alone; "total": all that shared its budget. */
  readonly limit: "call" | "total";

  constructor(limit: "call" | "total") {
    super(
      limit === "call"
        ? "operation cancelled: actual cost limit exceeded"
        : "validation failed due to running out of cost budget, no further validation rules will be run",
    );
    this.name = "CelCostError";
    this.limit = limit;
  }
}

export function noSuchOverload(): CelRuntimeError {
  return new CelRuntimeError("no such overload");
}

function located(source: string, { message, at }: CelProblem): string {
  const before = source.slice(0, at).split("\n");
  const line = source.split("\n")[before.length - 1] ?? "";
  const column = before.at(-1)!.length;
  return `ERROR: <input>:${before.length}:${column + 1}: ${message}\n | ${line}\n | ${".".repeat(column)}^`;
}
