import type { CertificateSigningRequestSpec } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule, dnsSubdomainRule, type NameRule } from "../names/name-rules.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";
import { typeSchema } from "../schema/type-schema.ts";

const shortestSeconds = 600;
const longestDomain = 253;
const longestPath = 317;
const requestInPem = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/;

/** Shape of what is asked of a signer; whether the request in the PEM can be read is found where certificates are known. */
export const certificateRules: TypeRules = {
  "certificates.v1.CertificateSigningRequestSpec": rule<Partial<CertificateSigningRequestSpec>>(
    (spec, at, errors) => {
      const { request, signerName = "", usages = [], expirationSeconds } = spec;
      if (!requestInPem.test(atob(request ?? "")))
        errors.invalid(at.child("request"), request, "PEM block type must be CERTIFICATE REQUEST");
      checkUsages(usages, at.child("usages"), errors);
      if (signerName === "kubernetes.io/legacy-unknown")
        errors.invalid(
          at.child("signerName"),
          signerName,
          "the legacy signerName is not allowed via this API version",
        );
      else checkSignerName(signerName, at.child("signerName"), errors);
      if (expirationSeconds !== undefined && expirationSeconds < shortestSeconds)
        errors.invalid(
          at.child("expirationSeconds"),
          expirationSeconds,
          `may not specify a duration less than ${shortestSeconds} seconds (10 minutes)`,
        );
    },
  ),
};

function checkUsages(usages: readonly string[], at: FieldPath, errors: FieldErrors): void {
  const { enum: known = [] } = typeSchema("certificates.v1.CertificateSigningRequestSpec")!.fields.find(
    ({ name }) => name === "usages",
  )!;
  if (usages.length === 0) errors.required(at);
  for (const [index, usage] of usages.entries())
    if (!known.includes(usage)) errors.notSupported(at.at(index), usage, known.toSorted());
  for (const [index, usage] of usages.entries())
    if (usages.indexOf(usage) < index) errors.duplicate(at.at(index), usage);
}

/** A domain of at least two segments, then a path of which each segment could be a name. */
function checkSignerName(name: string, at: FieldPath, errors: FieldErrors): void {
  if (name === "") return errors.required(at);
  const [domain = "", path, ...more] = name.split("/");
  if (path === undefined || more.length > 0)
    return errors.invalid(
      at,
      name,
      "must be a fully qualified domain and path of the form 'example.com/signer-name'",
    );
  const labels = domain.split(".");
  if (domain.length > longestDomain) errors.tooLong(at, longestDomain);
  checkSegments(domain, dnsLabelRule, at, errors);
  if (labels.length < 2)
    errors.invalid(at, domain, "should be a domain with at least two segments separated by dots");
  checkSegments(path, dnsSubdomainRule, at, errors);
  if (path.length > longestPath) errors.tooLong(at, longestPath);
}

/** Of several that are wrong the first is told. */
function checkSegments(text: string, segmentRule: NameRule, at: FieldPath, errors: FieldErrors): void {
  const segment = text.split(".").find((one) => segmentRule(one).length > 0);
  if (segment === undefined) return;
  for (const wrong of segmentRule(segment))
    errors.invalid(at, text, `validating label ${JSON.stringify(segment)}: ${wrong}`);
}
