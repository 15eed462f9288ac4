import { errorMessage } from "@berth/base";
import { CelBudget } from "../../api/cel/index.ts";
import type { AdmissionRequest, Reinvocation } from "../admission/admission.ts";
import { replaceObject } from "../admission/replace-object.ts";
import type { Versions } from "../admission/shown-request.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { mutationsFailed, PolicyConfigurationError, type PolicyFailure } from "./policy-failure.ts";
import { evaluated, policyEnvironment } from "./policy-program.ts";
import { applied } from "./applied.ts";
import { patched } from "./patched.ts";
import { type BoundPolicy, PolicyTable } from "./policy-table.ts";

/** Changes objects as all MutatingAdmissionPolicies that are bound say. */
export class MutatingPolicies {
  readonly #table: PolicyTable;

  constructor(cache: WatchCache, authorizer: Authorizer, versions: Versions) {
    this.#table = new PolicyTable(cache, authorizer, "mutatingadmission", policyEnvironment(true), versions);
  }

  /** @throws StatusError 403 when mutations fail and must not */
  async mutate(request: AdmissionRequest, reinvocation: Reinvocation): Promise<void> {
    if (!request.object) return;
    const failures: PolicyFailure[] = [];
    for (const bound of this.#table.matching(request)) {
      const key = `${bound.policy}/${bound.binding}`;
      if (!reinvocation.isDue(key)) continue;
      try {
        if (await this.#apply(bound)) reinvocation.changedBy(key);
      } catch (error) {
        if (bound.spec.failurePolicy !== "Ignore") failures.push(failureOf(bound, error));
        continue;
      }
      if (reinvocation.pass === 1 && bound.spec.reinvocationPolicy === "IfNeeded") reinvocation.watch(key);
    }
    if (failures.length > 0) throw mutationsFailed(request, failures);
  }

  async #apply(bound: BoundPolicy): Promise<boolean> {
    const request = await this.#table.converted(bound);
    const values = this.#table.valuesOf(request);
    let changed = false;
    for (const { program, params } of configured(() => [...this.#table.casesOf(bound)])) {
      if (!program.conditions.hold({ ...values.all(), ...params })) continue;
      const budget = new CelBudget();
      for (const mutation of program.mutations) {
        // Each mutation sees what the one before it made.
        const all = program.valuesWithVariables({ ...values.all(), ...params }, budget);
        const patch = evaluated(mutation.program, all, budget);
        const next = mutation.isPatch ? patched(request.object, patch) : applied(request, patch);
        if (!(await replaceObject(request, next))) continue;
        values.renew();
        changed = true;
      }
    }
    return changed;
  }
}

/** What goes wrong before a policy comes to speak makes the request forbidden, not invalid. */
class ConfigurationError extends Error {}

function configured<T>(find: () => T): T {
  try {
    return find();
  } catch (error) {
    if (error instanceof PolicyConfigurationError) throw error;
    throw new ConfigurationError(errorMessage(error), { cause: error });
  }
}

function failureOf({ policy, binding }: BoundPolicy, error: unknown): PolicyFailure {
  const ofPolicy = error instanceof PolicyConfigurationError;
  const who = ofPolicy ? `policy '${policy}'` : `policy '${policy}' with binding '${binding}'`;
  const message = `${who} denied request: ${error instanceof Error ? error.message : errorMessage(error)}`;
  return ofPolicy || error instanceof ConfigurationError ? { message } : { message, reason: "Invalid" };
}
