import type {
  MutatingWebhook,
  RuleWithOperations,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkRange } from "./checks.ts";

const longestTimeout = 30;
const sideEffectsHere = ["None", "NoneOnDryRun"];

const webhook: TypeRule = rule<ValidatingWebhook & Partial<MutatingWebhook>>((target, at, errors) => {
  const { name, clientConfig, timeoutSeconds, admissionReviewVersions } = target;
  if (name) checkHookName(name, at.child("name"), errors);
  if (clientConfig) checkClient(clientConfig, at.child("clientConfig"), errors);
  checkRange(timeoutSeconds, 1, longestTimeout, at.child("timeoutSeconds"), errors);
  const { sideEffects } = target;
  if (sideEffects && !sideEffectsHere.includes(sideEffects))
    errors.notSupported(at.child("sideEffects"), sideEffects, sideEffectsHere);
  if (admissionReviewVersions && !admissionReviewVersions.includes("v1"))
    errors.invalid(
      at.child("admissionReviewVersions"),
      admissionReviewVersions,
      "must include at least one of v1",
    );
});

function checkHookName(name: string, at: FieldPath, errors: FieldErrors): void {
  const wrong = dnsSubdomainRule(name);
  if (wrong.length > 0) errors.invalid(at, name, wrong.join(","));
  else if (name.split(".").length < 3)
    errors.invalid(at, name, "should be a domain with at least three segments separated by dots");
}

function checkClient(
  { url, service, caBundle }: ValidatingWebhook["clientConfig"],
  at: FieldPath,
  errors: FieldErrors,
): void {
  if ((url === undefined) === (service === undefined))
    errors.required(at, "exactly one of url or service is required");
  if (url !== undefined) checkUrl(url, at.child("url"), errors);
  const { port, path } = service ?? {};
  if (port !== undefined && (port < 1 || port > 65_535))
    errors.invalid(
      at.child("service", "port"),
      port,
      "port is not valid: must be between 1 and 65535, inclusive",
    );
  if (path !== undefined) checkServicePath(path, at.child("service", "path"), errors);
  if (caBundle !== undefined && !atob(caBundle).includes("-----BEGIN CERTIFICATE-----"))
    errors.invalid(
      at.child("caBundle"),
      "<bundle>",
      "unable to load root certificates: unable to parse bytes as PEM block",
    );
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

function checkUrl(url: string, at: FieldPath, errors: FieldErrors): void {
  if (!URL.canParse(url)) return errors.invalid(at, url, "url must be a valid URL");
  const { protocol, username, password, hash, search } = new URL(url);
  if (protocol !== "https:")
    errors.invalid(at, url, `'https' is the only allowed URL scheme; desired format: https://host[/path]`);
  if (username || password) errors.invalid(at, url, "user information is not permitted in the URL");
  if (hash) errors.invalid(at, url, "fragments are not permitted in the URL");
  if (search) errors.invalid(at, url, "query parameters are not permitted in the URL");
}

const hookRule: TypeRule = rule<RuleWithOperations>(
  ({ operations, resources, apiGroups, apiVersions }, at, errors) => {
    for (const [name, list] of Object.entries({ operations, apiGroups, apiVersions, resources }))
      if (!list || list.length === 0) errors.required(at.child(name), "");
    const alone = [
      ["operations", operations, "*", "operations"],
      ["apiGroups", apiGroups, "*", "API groups"],
      ["apiVersions", apiVersions, "*", "API versions"],
      ["resources", resources, "*/*", "resources"],
    ] as const;
    for (const [field, list = [], all, what] of alone)
      if (list.length > 1 && list.includes(all))
        errors.invalid(at.child(field), list, `if '${all}' is present, must not specify other ${what}`);
  },
);

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
  "admissionregistration.v1.RuleWithOperations": hookRule,
  "admissionregistration.v1.NamedRuleWithOperations": hookRule,
};
