import type {
  CertificateSigningRequest,
  CertificateSigningRequestCondition,
  CertificateSigningRequestSpec,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";
import { checkUnique } from "./checks.ts";

const shortestSeconds = 600;
const longestDomain = 253;
const longestPath = 253 + 63 + 1;

/** Shape of what is asked of a signer; whether the request itself can be read is found where certificates are known. */
export const certificateRules: TypeRules = {
  "certificates.v1.CertificateSigningRequestSpec": rule<CertificateSigningRequestSpec>((spec, at, errors) => {
    const { request, signerName, usages = [], expirationSeconds } = spec;
    if (pemBlocks(request)[0]?.type !== "CERTIFICATE REQUEST")
      errors.invalid(at.child("request"), request, "PEM block type must be CERTIFICATE REQUEST");
    if (usages.length === 0) errors.required(at.child("usages"));
    checkUnique(usages, (usage) => usage, at.child("usages"), errors);
    checkSignerName(signerName, at.child("signerName"), errors);
    if (expirationSeconds !== undefined && expirationSeconds < shortestSeconds)
      errors.invalid(
        at.child("expirationSeconds"),
        expirationSeconds,
        `may not specify a duration less than ${shortestSeconds} seconds (10 minutes)`,
      );
  }),
};

function checkSignerName(name: string | undefined, at: FieldPath, errors: FieldErrors): void {
  if (!name) return errors.required(at);
  if (name === "kubernetes.io/legacy-unknown")
    return errors.invalid(at, name, "the legacy signerName is not allowed via this API version");
  const [domain = "", path = "", ...more] = name.split("/");
  if (!name.includes("/") || more.length > 0) {
    const form = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return errors.invalid(at, name, form);
  }
  if (domain.length > longestDomain) errors.tooLong(at, longestDomain);
  checkLabels(domain, dnsLabelRule, at, errors);
  if (!domain.includes("."))
    errors.invalid(at, domain, "should be a domain with at least two segments separated by dots");
  checkLabels(path, dnsSubdomainRule, at, errors);
  if (path.length > longestPath) errors.tooLong(at, longestPath);
}

/** The first label that is wrong is told, and no other. */
function checkLabels(
  text: string,
  labelRule: (label: string) => readonly string[],
  at: FieldPath,
  errors: FieldErrors,
): void {
  const wrong = text.split(".").find((label) => labelRule(label).length > 0);
  if (wrong === undefined) return;
  for (const sentence of labelRule(wrong))
    errors.invalid(at, text, `validating label ${JSON.stringify(wrong)}: ${sentence}`);
}

interface PemBlock {
  readonly type: string;
  readonly hasHeaders: boolean;
}

/** The blocks of a PEM text that is written in base64. */
function pemBlocks(base64: string | undefined): PemBlock[] {
  const text = Buffer.from(base64 ?? "", "base64").toString("latin1");
  const blocks = text.matchAll(/^-----BEGIN ([^\n]*?)-----[ \t\r]*\n(.*?)^-----END \1-----/gms);
  return [...blocks].map(([, type = "", inside = ""]) => ({ type, hasHeaders: inside.includes(":") }));
}

const decided = ["Approved", "Denied", "Failed"];
const conditionsAt = FieldPath.of("status", "conditions");
const certificateAt = FieldPath.of("status", "certificate");

/**
 * What signers and approvers may say of a request, and not take back: decisions are made through `approval` and answered
 * through `status`. What was wrong before may stay so.
 */
export function checkCertificateUpdate(
  request: CertificateSigningRequest,
  old: CertificateSigningRequest,
  errors: FieldErrors,
  subresource: string,
): void {
  const [now, then] = [conditionsOf(request), conditionsOf(old)];
  checkConditions(now, then, errors);
  const [certificate = "", before = ""] = [request.status?.certificate, old.status?.certificate];
  if (certificate !== before && whyNoCertificate(before) === undefined) {
    const why = whyNoCertificate(certificate);
    if (why !== undefined) errors.invalid(certificateAt, "<certificate data>", why);
  }
  const count = (list: readonly CertificateSigningRequestCondition[], wanted: string): number =>
    list.filter(({ type }) => type === wanted).length;
  for (const type of decided)
    if (count(now, type) < count(then, type))
      errors.forbidden(conditionsAt, `updates may not remove a condition of type ${JSON.stringify(type)}`);
  for (const type of decided.slice(0, 2))
    if (subresource !== "approval" && count(now, type) > count(then, type))
      errors.forbidden(conditionsAt, `updates may not add a condition of type ${JSON.stringify(type)}`);
  if (certificate === before) return;
  if (subresource !== "status") errors.forbidden(certificateAt, "updates may not set certificate content");
  else if (before !== "")
    errors.forbidden(certificateAt, "updates may not modify existing certificate content");
}

function conditionsOf({ status }: CertificateSigningRequest): readonly CertificateSigningRequestCondition[] {
  return status?.conditions ?? [];
}

function checkConditions(
  now: readonly CertificateSigningRequestCondition[],
  then: readonly CertificateSigningRequestCondition[],
  errors: FieldErrors,
): void {
  const before = then.map(({ type }) => type);
  const contradicts = before.includes("Approved") && before.includes("Denied");
  const repeats = new Set(before).size < before.length;
  const seen = new Set<string>();
  for (const [index, { type, status }] of now.entries()) {
    const at = conditionsAt.at(index);
    if (!type && before.every(Boolean)) errors.required(at.child("type"));
    const allowed = decided.includes(type) ? ["True"] : ["False", "True", "Unknown"];
    if (!status) errors.required(at.child("status"));
    else if (!allowed.includes(status)) errors.notSupported(at.child("status"), status, allowed);
    const opposite = { Approved: "Denied", Denied: "Approved" }[type];
    if (!contradicts && opposite !== undefined && seen.has(opposite))
      errors.invalid(conditionsAt, type, "Approved and Denied conditions are mutually exclusive");
    if (!repeats && seen.has(type)) errors.duplicate(at.child("type"), type);
    seen.add(type);
  }
}

/** undefined where it is one, or where there is none yet. */
function whyNoCertificate(base64: string): string | undefined {
  if (base64 === "") return undefined;
  const blocks = pemBlocks(base64);
  if (blocks.length === 0) return "must contain at least one CERTIFICATE PEM block";
  const other = blocks.find(({ type }) => type !== "CERTIFICATE");
  if (other) return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(other.type)}`;
  return blocks.some(({ hasHeaders }) => hasHeaders) ? "no PEM block headers are permitted" : undefined;
}
