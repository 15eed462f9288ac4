import type {
  AppArmorProfile,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
  WindowsSecurityContextOptions,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLocalPath, checkUnique } from "./checks.ts";

const highestId = 2 ** 31 - 1;
const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlPattern = sysctlName.source.replace("[./]", "[\\./]");

function checkId(id: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if (id !== undefined && (id < 0 || id > highestId))
    errors.invalid(at, id, `must be between 0 and ${highestId}, inclusive`);
}

const podSecurity: TypeRule = rule<PodSecurityContext>((context, at, errors) => {
  for (const member of ["fsGroup", "runAsUser", "runAsGroup"] as const)
    checkId(context[member], at.child(member), errors);
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    checkId(group, at.child("supplementalGroups").at(index), errors);
  const change = context.seLinuxChangePolicy;
  if (change && change !== "Recursive")
    errors.notSupported(at.child("seLinuxChangePolicy"), change, ["Recursive"]);
  const sysctls = at.child("sysctls");
  checkUnique(context.sysctls, ({ name }) => name, sysctls, errors, "name");
  for (const [index, { name }] of (context.sysctls ?? []).entries()) {
    if (name && (name.length > 253 || !sysctlName.test(name))) {
      const sentence = `must have at most 253 characters and match regex ${sysctlPattern}`;
      errors.invalid(sysctls.at(index).child("name"), name, sentence);
    }
  }
});

const security: TypeRule = rule<SecurityContext>((context, at, errors) => {
  for (const member of ["runAsUser", "runAsGroup"] as const) {
    checkId(context[member], at.child(member), errors);
  }
});

const profile = (what: string, check: (path: string, at: FieldPath, errors: FieldErrors) => void): TypeRule =>
  rule<SeccompProfile | AppArmorProfile>(({ type, localhostProfile }, at, errors) => {
    const here = at.child("localhostProfile");
    if (type === "Localhost") {
      if (localhostProfile === undefined) errors.required(here, `must be set when ${what} type is Localhost`);
      else check(localhostProfile, here, errors);
    } else if (localhostProfile !== undefined)
      errors.invalid(here, localhostProfile, `can only be set when ${what} type is Localhost`);
  });

function checkAppArmorName(name: string, at: FieldPath, errors: FieldErrors): void {
  if (name.trim() !== name) errors.invalid(at, name, "must not be padded with whitespace");
  else if (name === "") errors.required(at, "must be set when AppArmor type is Localhost");
}

const windows: TypeRule = rule<WindowsSecurityContextOptions>((options, at, errors) => {
  const { gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpec === "")
    errors.invalid(at.child("gmsaCredentialSpec"), "", "gmsaCredentialSpec cannot be an empty string");
  if (runAsUserName === "")
    errors.invalid(at.child("runAsUserName"), "", "runAsUserName cannot be an empty string");
});

export const podSecurityRules: TypeRules = {
  "core.v1.PodSecurityContext": podSecurity,
  "core.v1.SecurityContext": security,
  "core.v1.SeccompProfile": profile("seccomp", checkLocalPath),
  "core.v1.AppArmorProfile": profile("AppArmor", checkAppArmorName),
  "core.v1.WindowsSecurityContextOptions": windows,
};
