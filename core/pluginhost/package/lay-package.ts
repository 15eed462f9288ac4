import { basename, dirname } from "node:path";
import { type Logins, npmLogin, ociLogin } from "./find-login.ts";
import { layNpm, layTarball } from "./npm-package.ts";
import { layOci } from "./oci-artifact.ts";
import type { PackageSource } from "./plugin-source.ts";
import { readEntry, readTree } from "./read-tree.ts";
import { treeDigest } from "./tree-digest.ts";

/** Registries may be slow; one that says nothing for this long is given up. */
const fetchMs = 120_000;

/** Sources that are not on the node as they are run: they are laid out in a folder first. */
export type RemoteSource = Extract<PackageSource, { kind: "tarball" | "npm" | "oci" }>;

export function isRemote(source: PackageSource): source is RemoteSource {
  return source.kind === "tarball" || source.kind === "npm" || source.kind === "oci";
}

/** Fetches a package and unpacks it into an empty folder. Rejects with a BerthError; the folder may hold parts then. */
export async function layPackage(source: RemoteSource, folder: string, logins: Logins): Promise<void> {
  if (source.kind === "tarball") return layTarball(source, folder);
  const signal = AbortSignal.timeout(fetchMs);
  if (source.kind === "npm")
    return layNpm(source, folder, { signal, authorization: await npmLogin(source, logins) });
  return layOci(source.reference, folder, { signal, login: await ociLogin(source, logins) });
}

/** The digest of a package's folder, copying to `copyTo` the very bytes that were hashed. */
export async function digestTree(folder: string, copyTo?: string): Promise<string> {
  return treeDigest(await readTree(folder, copyTo));
}

/** The digest of one executable: that of its bytes, as sha256sum prints it. */
export async function digestExecutable(path: string, copyTo?: string): Promise<string> {
  const { sha256 } = await readEntry(dirname(path), basename(path), copyTo, { executable: true });
  return `sha256:${sha256}`;
}
