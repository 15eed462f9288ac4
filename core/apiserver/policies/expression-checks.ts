import { errorMessage } from "@berth/base";
import {
  boolType,
  CelEnvironment,
  type CelField,
  type CelType,
  dynType,
  nullType,
  objectType,
  stringType,
} from "../../api/cel/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { invalid, type StatusCause } from "../request/status-error.ts";
import type { MatchConditionSettings } from "../webhooks/hooks.ts";
import { mutationExpression, policyEnvironment } from "./policy-program.ts";
import type { PolicySpec } from "./policy-settings.ts";
import { requestVariables } from "./request-values.ts";

/** Refuses policies and webhook configurations whose expressions cannot be compiled. @throws StatusError 422 */
export function checkExpressions(request: AdmissionRequest): void {
  const { kind, name, object } = request;
  const causes = kind.kind.endsWith("WebhookConfiguration")
    ? webhookCauses(
        (object as { webhooks?: { matchConditions?: MatchConditionSettings[] }[] }).webhooks ?? [],
      )
    : policyCauses(kind.kind === "MutatingAdmissionPolicy", object?.spec);
  if (causes.length > 0) throw invalid(kind, name, causes);
}

/** Each expression for itself, so that one mistake hides no other. */
function policyCauses(mutating: boolean, spec: PolicySpec = {}): StatusCause[] {
  const causes: StatusCause[] = [];
  const { matchConditions = [], validations = [], auditAnnotations = [], mutations = [] } = spec;
  const base = policyEnvironment(mutating);
  const bare = spec.paramKind ? base.extend({ params: dynType }) : base;
  const look = (
    field: string,
    text: string,
    environment: CelEnvironment,
    types?: readonly CelType[],
  ): void => {
    causes.push(...causesOf(field, text, () => environment.compile(text, types)));
  };
  for (const [index, { expression }] of matchConditions.entries())
    look(`spec.matchConditions[${index}].expression`, expression.trim(), bare, [boolType]);
  const environment = withVariables(bare, mutating, spec.variables ?? [], causes);
  for (const [index, { expression, messageExpression }] of validations.entries()) {
    look(`spec.validations[${index}].expression`, expression, environment, [boolType]);
    if (messageExpression?.trim())
      look(`spec.validations[${index}].messageExpression`, messageExpression, environment, [stringType]);
  }
  for (const [index, { valueExpression }] of auditAnnotations.entries())
    look(`spec.auditAnnotations[${index}].valueExpression`, valueExpression, environment, [
      stringType,
      nullType,
    ]);
  for (const [index, mutation] of mutations.entries()) {
    const { field, expression, types } = mutationExpression(mutation, index);
    look(field, expression, environment, types);
  }
  return causes;
}

/** The environment with the variables that can be compiled; a validating policy without any does not know the word. */
function withVariables(
  bare: CelEnvironment,
  mutating: boolean,
  variables: NonNullable<PolicySpec["variables"]>,
  causes: StatusCause[],
): CelEnvironment {
  if (variables.length === 0 && !mutating) return bare;
  const fields = new Map<string, CelField>();
  const withKnown = (): CelEnvironment =>
    bare.extend({ variables: objectType("kubernetes.variables", new Map(fields)) });
  for (const [index, { name, expression }] of variables.entries()) {
    const found = causesOf(`spec.variables[${index}].expression`, expression, () => {
      fields.set(name, { json: name, type: withKnown().compile(expression).type });
    });
    causes.push(...found);
  }
  return withKnown();
}

function causesOf(field: string, expression: string, compile: () => void): StatusCause[] {
  try {
    compile();
    return [];
  } catch (error) {
    return [cause(field, expression, error)];
  }
}

function webhookCauses(webhooks: readonly { matchConditions?: MatchConditionSettings[] }[]): StatusCause[] {
  const conditions = webhooks.flatMap(({ matchConditions = [] }, at) =>
    matchConditions.map((one, index) => ({
      one,
      field: `webhooks[${at}].matchConditions[${index}].expression`,
    })),
  );
  if (conditions.length === 0) return [];
  const environment = new CelEnvironment(requestVariables);
  return conditions.flatMap(({ one, field }) =>
    causesOf(field, one.expression, () => environment.compile(one.expression, [boolType])),
  );
}

function cause(field: string, expression: string, error: unknown): StatusCause {
  const why = errorMessage(error);
  const compile = why.startsWith("must evaluate") ? why : `compilation failed: ${why}`;
  return {
    reason: "FieldValueInvalid",
    field,
    message: `Invalid value: ${JSON.stringify(expression)}: ${compile}`,
  };
}
