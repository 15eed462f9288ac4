import type { CustomResourceConversion } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dns1035LabelRule } from "../names/name-rules.ts";
import { checkServicePath } from "../validation/webhook-rules.ts";

type Client = NonNullable<NonNullable<CustomResourceConversion["webhook"]>["clientConfig"]>;

/** How objects of one version become those of another; messages place it as it was written before it had its webhook apart. */
export function checkConversion(
  { strategy, webhook }: CustomResourceConversion,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const clientAt = at.child("webhookClientConfig");
  const versionsAt = at.child("conversionReviewVersions");
  const client = webhook?.clientConfig;
  const versions = webhook?.conversionReviewVersions ?? [];
  if (!strategy) errors.required(at.child("strategy"));
  else if (strategy !== "None" && strategy !== "Webhook")
    errors.notSupported(at.child("strategy"), strategy, ["None", "Webhook"]);
  if (strategy === "Webhook") {
    if (client) checkClient(client, clientAt, errors);
    else errors.required(clientAt, "required when strategy is set to Webhook");
    checkReviewVersions(versions, versionsAt, errors);
    return;
  }
  const unasked = "should not be set when strategy is not set to Webhook";
  if (client) errors.forbidden(clientAt, unasked);
  if (versions.length > 0) errors.forbidden(versionsAt, unasked);
}

function checkReviewVersions(versions: readonly string[], at: FieldPath, errors: FieldErrors): void {
  if (versions.length === 0) {
    errors.required(at);
    return;
  }
  for (const [index, version] of versions.entries()) {
    const wrong = dns1035LabelRule(version);
    if (versions.indexOf(version) < index) errors.invalid(at.at(index), version, "duplicate version");
    else if (wrong.length > 0) errors.invalid(at.at(index), version, wrong.join(","));
  }
  if (!versions.includes("v1") && !versions.includes("v1beta1"))
    errors.invalid(at, versions, "must include at least one of v1, v1beta1");
}

function checkClient({ url, service }: Client, at: FieldPath, errors: FieldErrors): void {
  if ((url === undefined) === (service === undefined))
    errors.required(at, "exactly one of url or service is required");
  else if (url !== undefined) checkUrl(url, at.child("url"), errors);
  else if (service) checkService(service, at.child("service"), errors);
}

const form = "desired format: https://host[/path]";

function checkUrl(url: string, at: FieldPath, errors: FieldErrors): void {
  const known = URL.canParse(url) ? new URL(url) : undefined;
  const scheme = known?.protocol.slice(0, -1) ?? "";
  if (scheme !== "https") errors.invalid(at, scheme, `'https' is the only allowed URL scheme; ${form}`);
  if (!known?.host) errors.invalid(at, "", `host must be specified; ${form}`);
  if (!known) return;
  const { username, password, hash, search } = known;
  if (username || password)
    errors.invalid(
      at,
      password ? `${username}:${password}` : username,
      "user information is not permitted in the URL",
    );
  if (hash) errors.invalid(at, hash.slice(1), "fragments are not permitted in the URL");
  if (search) errors.invalid(at, search.slice(1), "query parameters are not permitted in the URL");
}

function checkService(
  { name, namespace, path, port }: NonNullable<Client["service"]>,
  at: FieldPath,
  errors: FieldErrors,
): void {
  // Upstream takes one for the other here.
  if (!namespace) errors.required(at.child("name"));
  if (!name) errors.required(at.child("namespace"));
  if (port !== undefined && (port < 1 || port > 65_535))
    errors.invalid(at.child("port"), port, "port is not valid: must be between 1 and 65535, inclusive");
  if (path !== undefined) checkServicePath(path, at.child("path"), errors);
}
