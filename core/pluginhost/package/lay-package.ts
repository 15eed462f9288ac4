import { mkdir } from "node:fs/promises";
import { type Logins, npmLogin, ociLogin } from "./find-login.ts";
import { layNpm, layTarball } from "./npm-package.ts";
import { layOci } from "./oci-artifact.ts";
import { digestFolder } from "./package-digest.ts";
import type { PackageSource } from "./plugin-source.ts";

/** Registries may be slow; one that says nothing for this long is given up. */
const fetchMs = 120_000;

/** Sources that are not on the node as they are run: they are laid out in a folder first. */
export type RemoteSource = Extract<PackageSource, { kind: "tarball" | "npm" | "oci" }>;

export function isRemote(source: PackageSource): source is RemoteSource {
  return source.kind === "tarball" || source.kind === "npm" || source.kind === "oci";
}

/**
 * Fetches a package, lays it out in `folder`, which must not be there yet, and answers its digest; with `copyTo` the bytes
 * that were hashed lie there too. Rejects with a BerthError; the folder may hold parts then.
 */
export async function layPackage(
  source: RemoteSource,
  folder: string,
  logins: Logins,
  copyTo?: string,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const signal = AbortSignal.timeout(fetchMs);
  if (source.kind === "tarball") await layTarball(source, folder);
  else if (source.kind === "npm")
    await layNpm(source, folder, { signal, authorization: await npmLogin(source, logins) });
  else await layOci(source.reference, folder, { signal, login: await ociLogin(source, logins) });
  return digestFolder(folder, copyTo);
}
