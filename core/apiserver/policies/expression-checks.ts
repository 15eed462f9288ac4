import { errorMessage } from "@berth/base";
import { boolType, CelEnvironment } from "../../api/cel/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { invalid, type StatusCause } from "../request/status-error.ts";
import type { MatchConditionSettings } from "../webhooks/hooks.ts";
import { compilePolicy, PolicyCompileError, policyEnvironment } from "./policy-program.ts";
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

function policyCauses(mutating: boolean, spec: PolicySpec | undefined): StatusCause[] {
  try {
    compilePolicy(policyEnvironment(mutating), spec ?? {});
    return [];
  } catch (error) {
    if (error instanceof PolicyCompileError) return [cause(error.field, error.expression, error)];
    throw error;
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
  return conditions.flatMap(({ one, field }) => {
    try {
      environment.compile(one.expression, [boolType]);
      return [];
    } catch (error) {
      return [cause(field, one.expression, error)];
    }
  });
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
