import { BerthError } from "@berth/base";
import type { RegistryLogin } from "@berth/cri/images/registry-client.ts";
import { parseReference } from "@berth/oci";
import type { PullSecrets } from "../contracts/pull-secrets.ts";
import { noPullSecret } from "../errors.ts";
import { type LoginText, readLoginFile, readPullSecret } from "./login-text.ts";
import { npmAuthorization } from "./npmrc.ts";
import type { PackageSource } from "./plugin-source.ts";
import { registryLogin } from "./registry-auth-file.ts";

type Source<K extends PackageSource["kind"]> = Extract<PackageSource, { kind: K }>;

/** Where logins for registries that ask for one are; absent: nobody is logged in anywhere. */
export interface Logins {
  /** Of OCI registries: containers-auth.json(5), which docker and podman write too. */
  readonly registryAuthFile?: string | undefined;
  /** Of npm registries, as npm's own .npmrc has them. */
  readonly npmrc?: string | undefined;
  /** For sources that name a Secret; the files do not count for these. */
  readonly pullSecrets?: PullSecrets | undefined;
}

/** For the header Authorization; undefined: the registry is asked without a login. Rejects with a BerthError, which holds nothing of a login. */
export async function npmLogin(
  { pullSecret, registry }: Source<"npm">,
  { npmrc, pullSecrets }: Logins,
): Promise<string | undefined> {
  if (pullSecret) {
    const text = await readPullSecret(pullSecret, ".npmrc", pullSecrets);
    return npmAuthorization(text, registry) ?? lacks(text, registry);
  }
  return npmrc === undefined ? undefined : npmAuthorization(await readLoginFile(npmrc, "--npmrc"), registry);
}

/** As {@link npmLogin}. */
export async function ociLogin(
  { pullSecret, reference }: Source<"oci">,
  { registryAuthFile, pullSecrets }: Logins,
): Promise<RegistryLogin | undefined> {
  const named = parseReference(reference);
  if (pullSecret) {
    const text = await readPullSecret(pullSecret, ".dockerconfigjson", pullSecrets);
    return (await registryLogin(text, named)) ?? lacks(text, `${named.domain}/${named.path}`);
  }
  return registryAuthFile === undefined
    ? undefined
    : registryLogin(await readLoginFile(registryAuthFile, "--registry-auth-file"), named);
}

/** Whoever names a Secret means it: nothing else is tried instead. */
function lacks({ from }: LoginText, registry: string): never {
  throw new BerthError(noPullSecret, `${from} has no login for ${registry}`);
}
