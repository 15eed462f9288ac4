import { type Container, deepEqual, type Pod } from "../../../api/index.ts";

type Profile = NonNullable<NonNullable<Container["securityContext"]>["appArmorProfile"]>;

/** Goes before the name of a container. */
const prefix = "container.apparmor.security.beta.kubernetes.io/";

/** Profiles that were annotations once become members of their containers; whoever still writes them so is told. */
export function takeAppArmorAnnotations({ metadata, spec }: Pod, warnings: string[]): void {
  if (!metadata?.annotations || spec?.os?.name === "windows") return;
  for (const group of ["initContainers", "containers", "ephemeralContainers"] as const) {
    for (const container of spec?.[group] ?? []) {
      const key = prefix + container.name;
      const written = metadata.annotations[key];
      if (written === undefined || container.securityContext?.appArmorProfile) continue;
      const profile = profileOf(written);
      if (profile && deepEqual(profile, spec?.securityContext?.appArmorProfile)) continue;
      if (profile) (container.securityContext ??= {}).appArmorProfile = profile;
      const sentence = `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
      // Another attempt of a generated name comes by again.
      if (!warnings.includes(sentence)) warnings.push(sentence);
    }
  }
}

/** undefined for what is no profile that a container can have. */
function profileOf(written: string): Profile | undefined {
  if (written === "unconfined") return { type: "Unconfined" };
  if (written === "runtime/default") return { type: "RuntimeDefault" };
  const [, localhostProfile] = /^localhost\/(.+)$/s.exec(written) ?? [];
  if (localhostProfile === undefined || localhostProfile.trim() !== localhostProfile) return undefined;
  return { type: "Localhost", localhostProfile };
}
