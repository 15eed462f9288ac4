import type {
  AppArmorProfile,
  PodSpec,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkLocalPath, checkUnique } from "./checks.ts";

const highestId = 2 ** 31 - 1;
const sysctlName = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const sysctlPattern = sysctlName.source.replace("[./]", "[\\./]");

const ownershipChanges = ["Always", "OnRootMismatch"];

function checkId(id: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if (id !== undefined && (id < 0 || id > highestId))
    errors.invalid(at, id, `must be between 0 and ${highestId}, inclusive`);
}

const podSecurity: TypeRule = rule<PodSecurityContext>((context, at, errors) => {
  for (const member of ["fsGroup", "runAsUser", "runAsGroup"] as const)
    checkId(context[member], at.child(member), errors);
  for (const [index, group] of (context.supplementalGroups ?? []).entries())
    checkId(group, at.child("supplementalGroups").at(index), errors);
  const ownership = context.fsGroupChangePolicy;
  if (ownership && !ownershipChanges.includes(ownership))
    errors.notSupported(at.child("fsGroupChangePolicy"), ownership, ownershipChanges);
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

const profile = (
  what: string,
  check: (path: string, at: FieldPath, errors: FieldErrors) => void,
  show: (type: string, path: string) => unknown = (_, path) => path,
): TypeRule =>
  rule<SeccompProfile | AppArmorProfile>(({ type, localhostProfile }, at, errors) => {
    const here = at.child("localhostProfile");
    if (type === "Localhost") {
      if (localhostProfile === undefined) errors.required(here, `must be set when ${what} type is Localhost`);
      else check(localhostProfile, here, errors);
    } else if (localhostProfile !== undefined)
      errors.invalid(here, show(type, localhostProfile), `can only be set when ${what} type is Localhost`);
  });

function checkAppArmorName(name: string, at: FieldPath, errors: FieldErrors): void {
  if (name.trim() !== name) errors.invalid(at, name, "must not be padded with whitespace");
  else if (name === "") errors.required(at, "must be set when AppArmor type is Localhost");
}

/** Settings of the kernel that belong to a namespace, which the host's is not to be changed by pods. */
function checkHostSysctls(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  for (const [index, { name }] of (spec.securityContext?.sysctls ?? []).entries()) {
    const here = at.child("securityContext", "sysctls").at(index).child("name");
    const plain = dotted(name);
    if (spec.hostNetwork && plain.startsWith("net."))
      errors.invalid(here, name, "may not be specified when 'hostNetwork' is true");
    else if (spec.hostIPC && ipcSysctl.test(plain))
      errors.invalid(here, name, "may not be specified when 'hostIPC' is true");
  }
}

const ipcSysctl =
  /^(?:kernel\.sem|kernel\.shm(?:all|max|mni|_rmid_forced)?|kernel\.msg(?:max|mnb|mni)?|fs\.mqueue\..*)$/;

/** In the form of which the parts are told apart by dots, without what a `*` leaves open. */
function dotted(name: string): string {
  const swapped = { ".": "/", "/": "." } as const;
  const plain = /^[^.]*\//.test(name) ? name.replaceAll(/[./]/g, (one) => swapped[one as "."]) : name;
  return plain.replace(/\*.*/, "");
}

export const podSecurityRules: TypeRules = {
  "core.v1.PodSecurityContext": podSecurity,
  "core.v1.SecurityContext": security,
  "core.v1.SeccompProfile": profile("seccomp", checkLocalPath, (Type, LocalhostProfile) => ({
    Type,
    LocalhostProfile,
  })),
  "core.v1.AppArmorProfile": profile("AppArmor", checkAppArmorName),
  "core.v1.PodSpec": rule<PodSpec>(checkHostSysctls),
};
