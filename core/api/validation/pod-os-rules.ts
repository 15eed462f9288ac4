import type { Container, PodSpec } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";

/** What of a pod, of its security context and of its containers' only Linux has. */
const linuxOfPod = ["hostUsers", "hostPID", "hostIPC", "shareProcessNamespace"] as const;
const linuxOfBoth = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "runAsUser",
  "runAsGroup",
] as const;
const linuxOfContext = [
  ...(["appArmorProfile", "seLinuxOptions", "seccompProfile", "fsGroup", "fsGroupChangePolicy"] as const),
  ...(["sysctls", "runAsUser", "runAsGroup", "supplementalGroups", "supplementalGroupsPolicy"] as const),
  "seLinuxChangePolicy",
] as const;
const linuxOfContainer = [
  ...linuxOfBoth,
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
] as const;

const podSpec: TypeRule = rule<PodSpec>((spec, at, errors) => {
  const name = spec.os?.name;
  if (name === "linux") checkLinux(spec, at, errors);
  else if (name === "windows") checkWindows(spec, at, errors);
  else if (name) errors.notSupported(at.child("os"), name, ["linux", "windows"]);
});

function checkLinux(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  for (const [here, context] of contexts(spec, at))
    if (context.windowsOptions)
      errors.forbidden(here.child("windowsOptions"), "windows options cannot be set for a linux pod");
}

function checkWindows(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const refuse = <T extends object>(
    object: T,
    members: readonly (keyof T & string)[],
    here: FieldPath,
  ): void => {
    for (const member of members)
      if (object[member] !== undefined)
        errors.forbidden(here.child(member), "cannot be set for a windows pod");
  };
  refuse(spec, linuxOfPod, at);
  for (const [here, context, isPod] of contexts(spec, at))
    if (isPod) refuse(context, linuxOfContext, here);
    else refuse(context, linuxOfContainer, here);
}

type Context = NonNullable<PodSpec["securityContext"]> & NonNullable<Container["securityContext"]>;

/** The security contexts of a pod and of its containers. */
function* contexts(
  spec: PodSpec,
  at: FieldPath,
): Iterable<[at: FieldPath, context: Context, isPod: boolean]> {
  if (spec.securityContext) yield [at.child("securityContext"), spec.securityContext, true];
  for (const group of ["initContainers", "containers", "ephemeralContainers"] as const)
    for (const [index, { securityContext }] of (spec[group] ?? []).entries())
      if (securityContext) yield [at.child(group).at(index).child("securityContext"), securityContext, false];
}

export const podOsRules: TypeRules = { "core.v1.PodSpec": podSpec };
