import type {
  MutatingWebhook,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dns1035LabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { admissionRule, checkConditionNames } from "./admission-rules.ts";
import { checkWebhookUrl } from "./webhook-url.ts";

const longestTimeout = 30;
const knownReviews = ["v1", "v1beta1"];
const sideEffectsHere = ["None", "NoneOnDryRun"];

const webhook: TypeRule = rule<ValidatingWebhook & Partial<MutatingWebhook>>((target, at, errors) => {
  const { name, clientConfig, timeoutSeconds, admissionReviewVersions } = target;
  if (name) checkHookName(name, at.child("name"), errors);
  const { sideEffects } = target;
  if (sideEffects && !sideEffectsHere.includes(sideEffects))
    errors.notSupported(at.child("sideEffects"), sideEffects, sideEffectsHere);
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > longestTimeout))
    errors.invalid(
      at.child("timeoutSeconds"),
      timeoutSeconds,
      `the timeout value must be between 1 and ${longestTimeout} seconds`,
    );
  if (clientConfig) checkClient(clientConfig, at.child("clientConfig"), errors);
  checkConditionNames(target.matchConditions ?? [], at.child("matchConditions"), errors);
  if (admissionReviewVersions?.length)
    checkReviewVersions(admissionReviewVersions, at.child("admissionReviewVersions"), errors);
});

function checkReviewVersions(versions: readonly string[], at: FieldPath, errors: FieldErrors): void {
  for (const [index, version] of versions.entries()) {
    if (versions.indexOf(version) < index) errors.invalid(at.at(index), version, "duplicate version");
    else for (const wrong of dns1035LabelRule(version)) errors.invalid(at.at(index), version, wrong);
  }
  if (!versions.some((version) => knownReviews.includes(version)))
    errors.invalid(at, versions, `must include at least one of ${knownReviews.join(", ")}`);
}

function checkHookName(name: string, at: FieldPath, errors: FieldErrors): void {
  const wrong = dnsSubdomainRule(name);
  if (wrong.length > 0) errors.invalid(at, name, wrong.join(","));
  else if (name.split(".").length < 3)
    errors.invalid(at, name, "should be a domain with at least three segments separated by dots");
}

function checkClient(
  { url, service }: ValidatingWebhook["clientConfig"],
  at: FieldPath,
  errors: FieldErrors,
): void {
  if ((url === undefined) === (service === undefined))
    errors.required(at, "exactly one of url or service is required");
  else if (url !== undefined) checkWebhookUrl(url, at.child("url"), errors);
  if (!service || url !== undefined) return;
  for (const field of ["name", "namespace"] as const)
    if (!service[field]) errors.required(at.child("service", field));
  const { port, path } = service;
  if (port !== undefined && (port < 1 || port > 65_535))
    errors.invalid(
      at.child("service", "port"),
      port,
      "port is not valid: must be between 1 and 65535, inclusive",
    );
  if (path !== undefined) checkServicePath(path, at.child("service", "path"), errors);
}

/** Where below a service a webhook is: at its root, or segments that could be names. */
export function checkServicePath(path: string, at: FieldPath, errors: FieldErrors): void {
  if (path === "" || path === "/") return;
  if (!path.startsWith("/")) errors.invalid(at, path, "must start with a '/'");
  for (const [index, part] of path.slice(1).replace(/\/$/, "").split("/").entries()) {
    if (part === "") errors.invalid(at, path, `segment[${index}] may not be empty`);
    else for (const wrong of dnsSubdomainRule(part)) errors.invalid(at, path, `segment[${index}]: ${wrong}`);
  }
}

/** An answer names its webhook: two of one name could not be told apart. */
const configuration: TypeRule = rule<ValidatingWebhookConfiguration>(({ webhooks = [] }, at, errors) => {
  for (const [index, { name }] of webhooks.entries())
    if (webhooks.findIndex((other) => other.name === name) < index)
      errors.duplicate(at.child("webhooks").at(index).child("name"), name);
});

export const webhookRules: TypeRules = {
  "admissionregistration.v1.ValidatingWebhookConfiguration": configuration,
  "admissionregistration.v1.MutatingWebhookConfiguration": configuration,
  "admissionregistration.v1.ValidatingWebhook": webhook,
  "admissionregistration.v1.MutatingWebhook": webhook,
  "admissionregistration.v1.RuleWithOperations": admissionRule,
  "admissionregistration.v1.NamedRuleWithOperations": admissionRule,
};
