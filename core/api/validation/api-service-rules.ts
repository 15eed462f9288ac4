import type { APIService } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dns1035LabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";
import { checkName } from "./checks.ts";

/** What an APIService must hold, in the sentences that aggregation has always used. */
export const apiServiceRules: TypeRules = {
  "apiregistration.v1.APIService": rule<APIService>(({ metadata, spec }, _at, errors) => {
    if (!spec) return;
    const at = FieldPath.of("spec");
    const { group = "", version = "", groupPriorityMinimum, versionPriority } = spec;
    const needed = `${version}.${group}`;
    if (metadata.name && metadata.name !== needed) {
      const sentence = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(needed)}`;
      errors.invalid(FieldPath.of("metadata", "name"), metadata.name, sentence);
    }
    if (group !== "") checkName(group, dnsSubdomainRule, at.child("group"), errors);
    else if (version !== "v1")
      errors.required(at.child("group"), "only v1 may have an empty group and it better be legacy kube");
    for (const wrong of dns1035LabelRule(version)) errors.invalid(at.child("version"), version, wrong);
    checkPriority(groupPriorityMinimum, 20_000, at.child("groupPriorityMinimum"), errors);
    checkPriority(versionPriority, 1000, at.child("versionPriority"), errors);
    checkService(spec, at, errors);
  }),
};

/** The bound itself is allowed, whatever the sentence says. */
function checkPriority(value: number | undefined, most: number, at: FieldPath, errors: FieldErrors): void {
  if (value === undefined || value <= 0 || value > most)
    errors.invalid(at, value ?? 0, `must be positive and less than ${most}`);
}

function checkService(
  { service, caBundle = "", insecureSkipTLSVerify }: APIService["spec"],
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (!service) {
    const size = (caBundle.length / 4) * 3 - (/=*$/.exec(caBundle)?.[0].length ?? 0);
    if (size > 0)
      errors.invalid(at.child("caBundle"), `${size} bytes`, "local APIServices may not have a caBundle");
    if (insecureSkipTLSVerify) {
      const sentence = "local APIServices may not have insecureSkipTLSVerify";
      errors.invalid(at.child("insecureSkipTLSVerify"), true, sentence);
    }
    return;
  }
  if (!service.namespace) errors.required(at.child("service", "namespace"));
  if (!service.name) errors.required(at.child("service", "name"));
  const { port = 443 } = service;
  if (port < 1 || port > 65_535) {
    const sentence = "port is not valid: must be between 1 and 65535, inclusive";
    errors.invalid(at.child("service", "port"), port, sentence);
  }
  if (insecureSkipTLSVerify && caBundle !== "")
    errors.invalid(at.child("insecureSkipTLSVerify"), true, "may not be true if caBundle is present");
}
