import {
  CelCompileError,
  CelEnvironment,
  type CelType,
  optionalOf,
  typeOfResource,
  typeOfSchema,
} from "../cel/index.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import type { ValidationRule } from "../generated/types.ts";
import { requestBytes } from "../cel/extent.ts";
import { additionalOf, type Schema } from "./schema.ts";
import { extentOfSchema, mostWithin, shortestBytes } from "./schema-extents.ts";

/** What one rule may cost for all values in an object that it is about, and what all rules of a schema may. */
const ruleLimit = 10_000_000;
const schemaLimit = 100_000_000;
const mostNamed = 4;

interface RuleCost {
  readonly at: FieldPath;
  readonly cost: number;
}

/** Refuses rules that could cost more than anybody may spend, by what the schema allows the values to become. */
export function checkRuleCosts(schema: Schema, at: FieldPath, errors: FieldErrors): void {
  const costs = [...costsOf(schema, typeOfResource(schema), at, 1, errors)];
  const total = costs.reduce((sum, { cost }) => sum + cost, 0);
  if (total <= schemaLimit) return;
  const dearest = costs.toSorted((a, b) => b.cost - a.cost).slice(0, mostNamed);
  for (const { at: path } of dearest)
    errors.forbidden(
      path,
      "contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema",
    );
  const what = "x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema";
  errors.forbidden(at, exceeded(what, total, schemaLimit));
}

/** @param limit of the values that one object can have here; undefined when only the size of requests limits them */
function* costsOf(
  schema: Schema,
  type: CelType,
  at: FieldPath,
  limit: number | undefined,
  errors: FieldErrors,
): Iterable<RuleCost> {
  const count = limit ?? Math.floor(requestBytes / (shortestBytes(schema) + 1));
  for (const [index, rule] of (schema["x-kubernetes-validations"] ?? []).entries()) {
    const here = at.child("x-kubernetes-validations").at(index);
    const said: [string, string | undefined][] = [
      ["rule", rule.rule],
      ["messageExpression", rule.messageExpression],
    ];
    for (const [member, expression] of said) {
      const cost = expression ? estimated(expression, schema, type, rule) * count : 0;
      const what = `estimated ${member} cost`;
      if (cost > ruleLimit) errors.forbidden(here.child(member), exceeded(what, cost, ruleLimit));
      if (cost > 0) yield { at: here.child(member), cost };
    }
  }
  const inner = (one: Schema, path: FieldPath, most: number | undefined): Iterable<RuleCost> =>
    costsOf(one, typeOfSchema(one), path, most, errors);
  for (const [name, one] of Object.entries(schema.properties ?? {}))
    yield* inner(one, at.child("properties").at(name), limit);
  const additional = additionalOf(schema);
  const below = limit === undefined || !isLimited(schema) ? undefined : limit * mostWithin(schema);
  if (additional) yield* inner(additional, at.child("additionalProperties"), below);
  if (schema.items) yield* inner(schema.items, at.child("items"), below);
}

function isLimited({ type, maxItems, maxProperties }: Schema): boolean {
  return (type === "array" ? maxItems : maxProperties) !== undefined;
}

function estimated(expression: string, schema: Schema, type: CelType, rule: ValidationRule): number {
  const oldSelf = rule.optionalOldSelf ? optionalOf(type) : type;
  const extent = extentOfSchema(schema);
  try {
    return new CelEnvironment({ self: type, oldSelf }).estimate(expression, {
      self: extent,
      oldSelf: extent,
    });
  } catch (error) {
    // What cannot be compiled is told elsewhere.
    if (error instanceof CelCompileError) return 0;
    throw error;
  }
}

function exceeded(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown =
    factor > 100 ? "more than 100x" : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
