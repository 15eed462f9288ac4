import { type AdmissionPlugin, type AdmissionRequest, Reinvocation } from "../admission/admission.ts";
import { isAdmissionConfiguration } from "../admission/admission-rules.ts";
import { asShown, type Versions } from "../admission/shown-request.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Hook } from "../webhooks/hooks.ts";
import type { MutatingPolicies } from "./mutating-policies.ts";
import type { ValidatingPolicies } from "./validating-policies.ts";
import type { WebhookConditions } from "./webhook-conditions.ts";

/**
 * The doors to everything that evaluates expressions. The language is loaded when the first policy, or the first webhook with
 * match conditions, is there: a server without any pays nothing.
 */
export interface ExpressionAdmission {
  readonly mutating: AdmissionPlugin;
  readonly validating: AdmissionPlugin;
  readonly checks: AdmissionPlugin;
  readonly webhookConditions: (hook: Hook, request: AdmissionRequest) => Promise<boolean>;
}

const group = "/admissionregistration.k8s.io";

export function expressionAdmission(
  cache: WatchCache,
  authorizer: Authorizer,
  versions: Versions,
): ExpressionAdmission {
  const validatingPolicies = cache.kind(`${group}/validatingadmissionpolicies/`);
  const mutatingPolicies = cache.kind(`${group}/mutatingadmissionpolicies/`);
  let validating: Promise<ValidatingPolicies> | undefined;
  let mutating: Promise<MutatingPolicies> | undefined;
  let conditions: Promise<WebhookConditions> | undefined;
  const validate = (asked: AdmissionRequest): void | Promise<void> => {
    if (validatingPolicies.size === 0 || isAdmissionConfiguration(asked)) return undefined;
    const request = asShown(asked);
    if (!request) return undefined;
    validating ??= import("./validating-policies.ts").then(
      ({ ValidatingPolicies }) => new ValidatingPolicies(cache, authorizer, versions),
    );
    return validating.then((policies) => policies.validate(request));
  };
  const mutate = (asked: AdmissionRequest, reinvocation: Reinvocation): void | Promise<void> => {
    if (mutatingPolicies.size === 0 || isAdmissionConfiguration(asked)) return undefined;
    const request = asShown(asked);
    if (!request) return undefined;
    mutating ??= import("./mutating-policies.ts").then(
      ({ MutatingPolicies }) => new MutatingPolicies(cache, authorizer, versions),
    );
    return mutating.then((policies) => policies.mutate(request, reinvocation));
  };
  return {
    validating: { name: "ValidatingAdmissionPolicy", validate, connect: validate },
    mutating: {
      name: "MutatingAdmissionPolicy",
      mutate,
      connect: (request) => mutate(request, new Reinvocation(request.object)),
    },
    checks: {
      name: "AdmissionExpressions",
      mutate(request) {
        const { kind, object, subresource } = request;
        if (kind.kind !== "ValidatingAdmissionPolicy" || !object || subresource !== "") return undefined;
        if (!isAdmissionConfiguration(request)) return undefined;
        return import("./type-checks.ts").then(({ noteTypes }) => noteTypes(request, versions.kinds()));
      },
      validate(request) {
        if (!request.object || !isAdmissionConfiguration(request) || request.subresource !== "")
          return undefined;
        if (request.kind.kind.endsWith("Binding")) return undefined;
        return import("./expression-checks.ts").then(({ checkExpressions }) => checkExpressions(request));
      },
    },
    async webhookConditions(hook, request) {
      if ((hook.settings.matchConditions ?? []).length === 0) return true;
      conditions ??= import("./webhook-conditions.ts").then(
        ({ WebhookConditions }) => new WebhookConditions(authorizer, cache),
      );
      return (await conditions).hold(hook, request);
    },
  };
}
