import type { Plugin } from "../../api/berth/types.ts";
import { digestFolder } from "../../pluginhost/package/package-digest.ts";
import { readManifestOf } from "../../pluginhost/package/read-manifest.ts";
import { wantedGrants } from "../../pluginhost/supervise/grants.ts";

/**
 * The Plugin object that runs the package at `path` (absolute) as it is now: pinned by its digest, or unverified with
 * `dev`, and granted all that its manifest wants. Throws what is wrong with the package.
 */
export async function pluginObject(
  name: string,
  path: string,
  options: { dev: boolean; overrides?: Partial<Plugin["spec"]> },
): Promise<Plugin> {
  const manifest = await readManifestOf(path);
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "Plugin",
    metadata: { name },
    spec: {
      contract: manifest.contract,
      source: { path },
      version: manifest.version,
      ...(options.dev ? { dev: true } : { digest: await digestFolder(path) }),
      grants: wantedGrants(manifest),
      ...options.overrides,
    },
  };
}
