import { BerthError } from "@berth/base";
import { notGranted } from "../errors.ts";
import type { Manifest } from "../manifest/manifest.ts";

/**
 * What a manifest wants, by the names that spec.grants uses: host services ("network"), "root", or one by one
 * "CAP_…", "mounts", "hostNetwork" and "/dev/…". Root can do all of the latter anyway, so it stands for them.
 */
export function wantedGrants(manifest: Pick<Manifest, "hostServices" | "privileges">): string[] {
  const { root, capabilities, mounts, hostNetwork, devices } = manifest.privileges;
  if (root) return [...manifest.hostServices, "root"];
  return [
    ...manifest.hostServices,
    ...capabilities,
    ...(mounts ? ["mounts"] : []),
    ...(hostNetwork ? ["hostNetwork"] : []),
    ...devices,
  ];
}

export function lackingGrants(
  manifest: Pick<Manifest, "hostServices" | "privileges">,
  granted: readonly string[] | undefined,
): string[] {
  return wantedGrants(manifest).filter((grant) => !granted?.includes(grant));
}

/** Throws {@link notGranted} naming everything that is wanted and not granted. */
export function checkGrants(
  manifest: Pick<Manifest, "hostServices" | "privileges">,
  granted: readonly string[] | undefined,
): void {
  const lacking = lackingGrants(manifest, granted);
  if (lacking.length === 0) return;
  throw new BerthError(
    notGranted,
    `the plugin wants ${lacking.join(", ")}, which spec.grants does not grant`,
  );
}
