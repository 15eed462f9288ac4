import { basename, dirname } from "node:path";
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

/** Files with logins for registries that ask for one; absent: nobody is logged in anywhere. */
export interface Logins {
  /** Of OCI registries: containers-auth.json(5), which docker and podman write too. */
  readonly registryAuthFile?: string | undefined;
  /** Of npm registries, as npm's own .npmrc has them. */
  readonly npmrc?: string | undefined;
}

/** Fetches a package and unpacks it into an empty folder. Rejects with a BerthError; the folder may hold parts then. */
export function layPackage(source: RemoteSource, folder: string, logins: Logins): Promise<void> {
  if (source.kind === "tarball") return layTarball(source, folder);
  const signal = AbortSignal.timeout(fetchMs);
  return source.kind === "npm"
    ? layNpm(source, folder, { signal, npmrc: logins.npmrc })
    : layOci(source.reference, folder, { signal, authFile: logins.registryAuthFile });
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
