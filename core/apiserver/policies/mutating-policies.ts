import { errorMessage } from "@berth/base";
import { CelBudget, CelMap, type CelValue, toJson } from "../../api/cel/index.ts";
import { deepCopy, type JsonObject, jsonPatch, mergeApplied, typeSchema } from "../../api/index.ts";
import type { AdmissionRequest, Reinvocation } from "../admission/admission.ts";
import { replaceObject } from "../admission/replace-object.ts";
import type { Versions } from "../admission/shown-request.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { typeOf } from "../registry/managed-fields.ts";
import { forbidden } from "../request/status-error.ts";
import { policyEnvironment } from "./policy-program.ts";
import { type BoundPolicy, PolicyTable } from "./policy-table.ts";

/** Changes objects as all MutatingAdmissionPolicies that are bound say. */
export class MutatingPolicies {
  readonly #table: PolicyTable;

  constructor(cache: WatchCache, authorizer: Authorizer, versions: Versions) {
    this.#table = new PolicyTable(cache, authorizer, "mutatingadmission", policyEnvironment(true), versions);
  }

  /** @throws StatusError 403 when a mutation fails and must not */
  async mutate(request: AdmissionRequest, reinvocation: Reinvocation): Promise<void> {
    if (!request.object) return;
    for (const bound of this.#table.matching(request)) {
      const key = `${bound.policy}/${bound.binding}`;
      if (!reinvocation.isDue(key)) continue;
      try {
        if (await this.#apply(bound)) reinvocation.changedBy(key);
      } catch (error) {
        if (bound.spec.failurePolicy === "Ignore") continue;
        const who = `policy '${bound.policy}' with binding '${bound.binding}' denied request`;
        throw forbidden(request.kind, request.name, `${who}: ${errorMessage(error)}`);
      }
      if (reinvocation.pass === 1 && bound.spec.reinvocationPolicy === "IfNeeded") reinvocation.watch(key);
    }
  }

  async #apply(bound: BoundPolicy): Promise<boolean> {
    const request = await this.#table.converted(bound);
    const values = this.#table.valuesOf(request);
    let changed = false;
    for (const { program, params } of this.#table.casesOf(bound)) {
      if (!program.conditions.hold({ ...values.all(), ...params })) continue;
      const budget = new CelBudget();
      for (const mutation of program.mutations) {
        // Each mutation sees what the one before it made.
        const all = program.valuesWithVariables({ ...values.all(), ...params }, budget);
        const patch = mutation.program.evaluate(all, budget);
        const next = mutation.isPatch ? jsonPatch(request.object, toJson(patch)) : applied(request, patch);
        if (!(await replaceObject(request, next))) continue;
        values.renew();
        changed = true;
      }
    }
    return changed;
  }
}

/** The object with the configuration merged in as server-side apply merges. */
function applied({ kind, object, shown }: AdmissionRequest, patch: CelValue): JsonObject {
  checkTypeNames(patch, "Object");
  const { apiVersion, kind: name } = object!;
  const said = { ...(toJson(patch) as JsonObject), apiVersion, kind: name };
  const { type, types } = typeof shown === "object" && !kind.custom ? { type: shown.of.type } : typeOf(kind);
  // What becomes of managed fields is settled when the object is stored.
  return deepCopy(mergeApplied(type, object!, said, types ?? typeSchema));
}

/** `Object.spec.template{…}` may stand under `spec` and `template` only. */
function checkTypeNames(value: CelValue, expected: string): void {
  if (Array.isArray(value)) for (const one of value) checkTypeNames(one as CelValue, expected);
  if (!(value instanceof CelMap)) return;
  if (value.typeName !== "" && value.typeName !== expected)
    throw new Error(
      `unexpected type name ${JSON.stringify(value.typeName)}, expected ${JSON.stringify(expected)}, which matches field name path from root Object type`,
    );
  for (const key of value.keys()) checkTypeNames(value.get(key)!, `${expected}.${String(key)}`);
}
