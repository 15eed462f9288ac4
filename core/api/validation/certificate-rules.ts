import type { CertificateSigningRequestSpec, CertificateSigningRequestStatus } from "../generated/types.ts";
import { dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";
import { checkUnique } from "./checks.ts";

const shortestSeconds = 600;
const longestSignerName = 571;

/** Shape of what is asked of a signer; whether spec.request can be read is found where certificates are known. */
export const certificateRules: TypeRules = {
  "certificates.v1.CertificateSigningRequestSpec": rule<CertificateSigningRequestSpec>((spec, at, errors) => {
    const { signerName, usages = [], expirationSeconds } = spec;
    const name = at.child("signerName");
    if (signerName) for (const wrong of signerNameRule(signerName)) errors.invalid(name, signerName, wrong);
    if (signerName === "kubernetes.io/legacy-unknown")
      errors.invalid(name, signerName, "the legacy signerName is not allowed via this API version");
    if (usages.length === 0) errors.required(at.child("usages"), "usages is required");
    checkUnique(usages, (usage) => usage, at.child("usages"), errors);
    if (expirationSeconds !== undefined && expirationSeconds < shortestSeconds)
      errors.invalid(
        at.child("expirationSeconds"),
        expirationSeconds,
        `may not specify a duration less than ${shortestSeconds} seconds (10 minutes)`,
      );
  }),
  "certificates.v1.CertificateSigningRequestStatus": rule<CertificateSigningRequestStatus>(
    ({ conditions = [] }, at, errors) => {
      const types = new Set(conditions.map(({ type }) => type));
      if (types.has("Approved") && types.has("Denied"))
        errors.invalid(
          at
            .child("conditions")
            .at(conditions.findIndex(({ type }) => type === "Denied"))
            .child("type"),
          "Denied",
          "Approved and Denied conditions are mutually exclusive",
        );
      for (const [index, { type, status }] of conditions.entries()) {
        const decision = type === "Approved" || type === "Denied" || type === "Failed";
        if (decision && status !== "True")
          errors.notSupported(at.child("conditions").at(index).child("status"), status, ["True"]);
      }
    },
  ),
};

function signerNameRule(name: string): readonly string[] {
  const [domain = "", path, ...more] = name.split("/");
  if (path === undefined || path === "" || more.length > 0)
    return ["must be a fully qualified domain and path of the form 'example.com/signer-name'"];
  if (!domain.includes(".")) return ["should be a domain with at least two segments separated by dots"];
  if (name.length > longestSignerName) return [`must be no more than ${longestSignerName} characters`];
  return [...dnsSubdomainRule(domain), ...dnsSubdomainRule(path)];
}
