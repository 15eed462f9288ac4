import { setImmediate as nextTurn } from "node:timers/promises";
import { errorMessage } from "@berth/base";
import { CelBudget, CelCostError, type CelValue } from "../../api/cel/index.ts";
import type { Kind } from "../../api/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import type { Versions } from "../admission/shown-request.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { forbidden, StatusError } from "../request/status-error.ts";
import { evaluated, policyEnvironment, type PolicyProgram } from "./policy-program.ts";
import { PolicyConfigurationError } from "./policy-failure.ts";
import { type BoundPolicy, PolicyTable } from "./policy-table.ts";
import type { RequestValues } from "./request-values.ts";

interface Failure {
  readonly message: string;
  readonly reason: string;
  readonly expressionIndex: number;
  /** Whatever the binding. */
  readonly ofPolicy?: true;
}

const codes: Readonly<Record<string, number>> = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestEntityTooLarge: 413,
  Invalid: 422,
};

/** So much evaluation in one go lets others have their turn. */
const turnCost = 500_000;

/** Judges requests by all ValidatingAdmissionPolicies that are bound. */
export class ValidatingPolicies {
  readonly #table: PolicyTable;

  constructor(cache: WatchCache, authorizer: Authorizer, versions: Versions) {
    this.#table = new PolicyTable(
      cache,
      authorizer,
      "validatingadmission",
      policyEnvironment(false),
      versions,
    );
  }

  /** @throws StatusError with the first refusal; warnings and audit annotations of all go to the request */
  async validate(request: AdmissionRequest): Promise<void> {
    const known = new Map<Kind, Promise<RequestValues>>();
    let refusal: StatusError | undefined;
    const noted: object[] = [];
    for (const bound of this.#table.matching(request)) {
      const { kind } = bound.request;
      const values =
        known.get(kind) ?? this.#table.converted(bound).then((form) => this.#table.valuesOf(form));
      known.set(kind, values);
      for (const failure of await this.#judge(bound, values)) {
        const actions = bound.bindingSpec.validationActions ?? ["Deny"];
        const binding = failure.ofPolicy ? "" : ` with binding '${bound.binding}'`;
        const what = `ValidatingAdmissionPolicy '${bound.policy}'${binding}`;
        if (actions.includes("Deny"))
          refusal ??= denied(request, `${what} denied request: ${failure.message}`, failure.reason);
        if (actions.includes("Warn"))
          request.warnings.push(`Validation failed for ${what}: ${failure.message}`);
        if (actions.includes("Audit"))
          noted.push({
            ...failure,
            policy: bound.policy,
            binding: bound.binding,
            validationActions: actions,
          });
      }
    }
    if (noted.length > 0)
      request.audit?.annotate("validation.policy.admission.k8s.io/validation_failure", JSON.stringify(noted));
    if (refusal) throw refusal;
  }

  async #judge(bound: BoundPolicy, seen: Promise<RequestValues>): Promise<Failure[]> {
    const failsOpen = bound.spec.failurePolicy === "Ignore";
    try {
      const values = await seen;
      const failures: Failure[] = [];
      for (const { program, params } of this.#table.casesOf(bound)) {
        const all = { ...values.all(), ...params };
        if (!program.conditions.hold(all)) continue;
        const budget = new CelBudget();
        const before = budget.left;
        failures.push(...evaluate(program, program.valuesWithVariables(all, budget), budget, failsOpen));
        annotate(program, bound.policy, program.valuesWithVariables(all, budget), budget, bound.request);
        if (before - budget.left > turnCost) await nextTurn();
      }
      return failures;
    } catch (error) {
      if (failsOpen) return [];
      const failure = { message: errorMessage(error), reason: "Invalid", expressionIndex: -1 };
      return [error instanceof PolicyConfigurationError ? { ...failure, ofPolicy: true } : failure];
    }
  }
}

function evaluate(
  { validations, spec }: PolicyProgram,
  values: Readonly<Record<string, CelValue>>,
  budget: CelBudget,
  failsOpen: boolean,
): Failure[] {
  const failures: Failure[] = [];
  for (const [index, { program, message }] of validations.entries()) {
    const settings = spec.validations![index]!;
    const reason = settings.reason ?? "Invalid";
    try {
      if (program.evaluate(values, budget) === true) continue;
      const text =
        (message && messageOf(message.evaluate.bind(message), values, budget)) ?? settings.message?.trim();
      failures.push({
        message: text || `failed expression: ${settings.expression.trim()}`,
        reason,
        expressionIndex: index,
      });
    } catch (error) {
      if (failsOpen) continue;
      const outOfBudget = error instanceof CelCostError && error.limit === "total";
      const text = outOfBudget
        ? error.message
        : `expression '${settings.expression.trim()}' resulted in error: ${errorMessage(error)}`;
      failures.push({ message: text, reason, expressionIndex: index });
      if (outOfBudget) break;
    }
  }
  return failures;
}

const longestMessage = 5 * 1024;

/** A message expression that fails, or answers something that is no one line, is as good as absent. */
function messageOf(
  run: (values: Readonly<Record<string, CelValue>>, budget: CelBudget) => CelValue,
  values: Readonly<Record<string, CelValue>>,
  budget: CelBudget,
): string | undefined {
  try {
    const text = run(values, budget);
    if (typeof text !== "string") return undefined;
    const line = text.trim();
    return line === "" || line.includes("\n") || line.length > longestMessage ? undefined : line;
  } catch (error) {
    if (error instanceof CelCostError) throw error;
    return undefined;
  }
}

function annotate(
  { annotations }: PolicyProgram,
  policy: string,
  values: Readonly<Record<string, CelValue>>,
  budget: CelBudget,
  request: AdmissionRequest,
): void {
  for (const { key, program } of annotations) {
    const value = evaluated(program, values, budget);
    if (typeof value === "string" && value !== "") request.audit?.annotate(`${policy}/${key}`, value);
  }
}

function denied({ kind, name, object }: AdmissionRequest, message: string, reason: string): StatusError {
  const { message: sentence, details } = forbidden(kind, name || (object?.metadata.name ?? ""), message);
  return new StatusError(codes[reason] ?? 422, reason, sentence, {
    ...details,
    causes: [{ message }],
  });
}
