import {
  boolType,
  type CelBudget,
  CelEnvironment,
  type CelField,
  CelMap,
  type CelProgram,
  CelRuntimeError,
  type CelType,
  type CelValue,
  dynType,
  listOf,
  type MapKey,
  nullType,
  objectType,
  type ObjectTypes,
  stringType,
} from "../../api/cel/index.ts";
import { MatchConditions } from "./match-conditions.ts";
import type { PolicySpec } from "./policy-settings.ts";
import { requestVariables } from "./request-values.ts";

const patchType = objectType(
  "JSONPatch",
  new Map(
    Object.entries({ op: stringType, path: stringType, from: stringType, value: dynType }).map(
      ([json, type]): [string, CelField] => [json, { json, type }],
    ),
  ),
);
const rootType = objectType("Object");

/** `Object{…}`, `Object.spec{…}` and `JSONPatch{…}`, which mutations construct. */
const mutationTypes: ObjectTypes = (name) => {
  if (name === patchType.name) return patchType;
  if (name === rootType.name) return rootType;
  return name.startsWith("Object.") ? objectType(name) : undefined;
};

/** What a program answers. @throws Error that shows its expression, CelCostError */
export function evaluated(
  program: CelProgram,
  values: Readonly<Record<string, CelValue>>,
  budget: CelBudget,
): CelValue {
  try {
    return program.evaluate(values, budget);
  } catch (error) {
    if (!(error instanceof CelRuntimeError)) throw error;
    throw new CelRuntimeError(`expression '${program.source}' resulted in error: ${error.message}`);
  }
}

/** Where in the policy a text stands that is no good: for the message. */
export class PolicyCompileError extends Error {
  readonly field: string;
  readonly expression: string;

  constructor(field: string, expression: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.field = field;
    this.expression = expression;
  }
}

/** All expressions of one policy, compiled. */
export class PolicyProgram {
  readonly spec: PolicySpec;
  readonly conditions: MatchConditions;
  readonly validations: readonly { readonly program: CelProgram; readonly message: CelProgram | undefined }[];
  readonly annotations: readonly { readonly key: string; readonly program: CelProgram }[];
  readonly mutations: readonly { readonly isPatch: boolean; readonly program: CelProgram }[];
  readonly #variables: { readonly name: string; readonly program: CelProgram }[] = [];

  /**
   * @param base with the request's variables; see {@link policyEnvironment}
   * @throws PolicyCompileError for the first expression that is wrong
   */
  constructor(base: CelEnvironment, spec: PolicySpec, params: CelType = dynType) {
    this.spec = spec;
    const bare = spec.paramKind ? base.extend({ params }) : base;
    this.conditions = at(
      "spec.matchConditions",
      "",
      () => new MatchConditions(bare, spec.matchConditions ?? []),
    );
    const environment = this.#withVariables(bare, spec.variables ?? []);
    this.validations = (spec.validations ?? []).map(({ expression, messageExpression }, index) => ({
      program: compiled(environment, `spec.validations[${index}].expression`, expression, [boolType]),
      message: messageExpression
        ? compiled(environment, `spec.validations[${index}].messageExpression`, messageExpression, [
            stringType,
          ])
        : undefined,
    }));
    this.annotations = (spec.auditAnnotations ?? []).map(({ key, valueExpression }, index) => ({
      key,
      program: compiled(environment, `spec.auditAnnotations[${index}].valueExpression`, valueExpression, [
        stringType,
        nullType,
        dynType,
      ]),
    }));
    this.mutations = (spec.mutations ?? []).map((mutation, index) => {
      const { isPatch, field, expression, types } = mutationExpression(mutation, index);
      return { isPatch, program: compiled(environment, field, expression, types) };
    });
  }

  #withVariables(base: CelEnvironment, variables: NonNullable<PolicySpec["variables"]>): CelEnvironment {
    const fields = new Map<string, CelField>();
    const withKnown = (): CelEnvironment =>
      base.extend({ variables: objectType("kubernetes.variables", new Map(fields)) });
    let environment = withKnown();
    for (const [index, { name, expression }] of variables.entries()) {
      const program = compiled(environment, `spec.variables[${index}].expression`, expression);
      this.#variables.push({ name, program });
      fields.set(name, { json: name, type: program.type });
      environment = withKnown();
    }
    return environment;
  }

  /** The values of one evaluation: `variables` are found out when they are first asked for, once. */
  valuesWithVariables(values: Record<string, CelValue>, budget: CelBudget): Record<string, CelValue> {
    const all: Record<string, CelValue> = { ...values };
    all["variables"] = new LazyVariables(this.#variables, all, budget);
    return all;
  }
}

/** What a mutation evaluates, where that stands, and what it may answer. */
export function mutationExpression(
  mutation: NonNullable<PolicySpec["mutations"]>[number],
  index: number,
): { isPatch: boolean; field: string; expression: string; types: readonly CelType[] } {
  const isPatch = mutation.patchType === "JSONPatch";
  const expression = (isPatch ? mutation.jsonPatch : mutation.applyConfiguration)?.expression ?? "";
  const field = `spec.mutations[${index}].${isPatch ? "jsonPatch" : "applyConfiguration"}.expression`;
  const types = isPatch ? [listOf(patchType), listOf({ kind: "param", name: "_", of: [] })] : [rootType];
  return { isPatch, field, expression, types };
}

/** @throws PolicyCompileError */
export function compilePolicy(
  environment: CelEnvironment,
  spec: PolicySpec,
  params?: CelType,
): PolicyProgram {
  return new PolicyProgram(environment, spec, params);
}

class LazyVariables extends CelMap {
  readonly #programs: ReadonlyMap<string, CelProgram>;
  readonly #values: Record<string, CelValue>;
  readonly #budget: CelBudget;
  readonly #known = new Map<string, CelValue>();

  constructor(
    variables: readonly { readonly name: string; readonly program: CelProgram }[],
    values: Record<string, CelValue>,
    budget: CelBudget,
  ) {
    super();
    this.#programs = new Map(variables.map(({ name, program }) => [name, program]));
    this.#values = values;
    this.#budget = budget;
  }

  get size(): number {
    return this.#programs.size;
  }

  keys(): Iterable<MapKey> {
    return this.#programs.keys();
  }

  get(key: MapKey): CelValue | undefined {
    const name = String(key);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const value = this.#evaluate(name);
    if (value !== undefined) this.#known.set(name, value);
    return value;
  }

  #evaluate(name: string): CelValue | undefined {
    const program = this.#programs.get(name);
    try {
      return program && evaluated(program, this.#values, this.#budget);
    } catch (error) {
      if (!(error instanceof CelRuntimeError)) throw error;
      throw new CelRuntimeError(
        `composited variable ${JSON.stringify(name)} fails to evaluate: ${error.message}`,
      );
    }
  }
}

/**
 * The environment of all policies; mutations may construct objects besides.
 * @param known types of variables that are `dyn` otherwise
 */
export function policyEnvironment(
  mutating: boolean,
  known: Readonly<Record<string, CelType>> = {},
): CelEnvironment {
  const variables = { ...requestVariables, namespaceObject: dynType, ...known };
  return mutating ? new CelEnvironment(variables, mutationTypes) : new CelEnvironment(variables);
}

function compiled(
  environment: CelEnvironment,
  field: string,
  expression: string,
  results?: readonly CelType[],
): CelProgram {
  return at(field, expression, () => environment.compile(expression, results));
}

function at<T>(field: string, expression: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new PolicyCompileError(field, expression, error);
  }
}
