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
import { checkUnique } from "./checks.ts";

const highestId = 2 ** 31 - 1;
const sysctlName = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;

function checkId(id: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if (id !== undefined && (id < 0 || id > highestId))
    errors.invalid(at, id, `must be between 0 and ${highestId}, inclusive`);
}

const podSecurity: TypeRule = rule<PodSecurityContext>((context, at, errors) => {
  for (const member of ["runAsUser", "runAsGroup", "fsGroup"] as const)
    checkId(context[member], at.child(member), errors);
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    checkId(group, at.child("supplementalGroups").at(index), errors);
  const sysctls = at.child("sysctls");
  checkUnique(context.sysctls, ({ name }) => name, sysctls, errors, "name");
  for (const [index, { name }] of (context.sysctls ?? []).entries()) {
    if (name && (name.length > 253 || !sysctlName.test(name))) {
      const sentence = `must have at most 253 characters and match regex ${sysctlName.source}`;
      errors.invalid(sysctls.at(index).child("name"), name, sentence);
    }
  }
});

const security: TypeRule = rule<SecurityContext>((context, at, errors) => {
  for (const member of ["runAsUser", "runAsGroup"] as const) {
    const id = context[member];
    if (id !== undefined && id >= 0) checkId(id, at.child(member), errors);
  }
  const { procMount } = context;
  if (procMount !== undefined && procMount !== "Default" && procMount !== "Unmasked")
    errors.notSupported(at.child("procMount"), procMount, ["Default", "Unmasked"]);
});

const profileTypes = ["Localhost", "RuntimeDefault", "Unconfined"];

const profile: TypeRule = rule<SeccompProfile | AppArmorProfile>(({ type, localhostProfile }, at, errors) => {
  const here = at.child("localhostProfile");
  if (type && !profileTypes.includes(type)) errors.notSupported(at.child("type"), type, profileTypes);
  if (type === "Localhost") {
    if (!localhostProfile) errors.required(here, "must be set when type is Localhost");
    else if (localhostProfile.startsWith("/"))
      errors.invalid(here, localhostProfile, "must be a relative path");
    else if (localhostProfile.split("/").includes(".."))
      errors.invalid(here, localhostProfile, "must not contain '..'");
  } else if (localhostProfile !== undefined) {
    errors.invalid(here, localhostProfile, "can only be set when type is Localhost");
  }
});

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
  "core.v1.SeccompProfile": profile,
  "core.v1.AppArmorProfile": profile,
  "core.v1.WindowsSecurityContextOptions": windows,
};
