import { chmod, mkdir } from "node:fs/promises";
import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import { loadAuthority } from "./authority.ts";
import { type CertificateRequest, issueCertificate, type KeyPair } from "./certificates.ts";
import { reasonToRenew } from "./leaf-renewal.ts";
import { lifetimes, validityFromNow } from "./lifetimes.ts";
import { readPair, writePair } from "./pki-files.ts";
import { loadServiceAccountKeys, type ServiceAccountKeys } from "./service-account-keys.ts";

export type LeafRequest = Pick<CertificateRequest, "commonName" | "organizations" | "hosts" | "usages">;

/** Who signs: the cluster's own authority, or the one that only vouches for users who are passed on. */
export type AuthorityName = keyof typeof authorities;

/** Files and subjects of the two. */
export const authorities = {
  cluster: { name: "ca", commonName: "berth-ca" },
  "front-proxy": { name: "front-proxy-ca", commonName: "berth-front-proxy-ca" },
} as const;

/**
 * The keys and certificates of one cluster, kept as PEM files in one folder (0700, files 0600). What is missing is
 * made; what is in its last third of life, or a leaf made for other hosts, is made anew whenever somebody asks for it,
 * so that who asks now and then never has one that ends. An expired authority is an error: nobody would trust a new one.
 */
export interface Pki {
  readonly folder: string;
  /** PEM, as it was when somebody last asked for a leaf. */
  readonly authorityCertificate: string;
  /** The pair that signs; for the certificate-signing controller. */
  readonly authority: KeyPair;
  /** PEM of the authority behind {@link frontProxyClient}. */
  readonly frontProxyAuthorityCertificate: string;
  /** Load or make `<name>.crt` and `<name>.key`. */
  leaf(name: string, request: LeafRequest): Promise<KeyPair>;
  /** With it the API server passes users on to aggregated servers (`X-Remote-User`). */
  frontProxyClient(): Promise<KeyPair>;
  serviceAccountKeys(): Promise<ServiceAccountKeys>;
}

export const Pki: Token<Pki> = createToken<Pki>("pki");

/** Common name of the front proxy's client certificate. */
export const frontProxyName = "front-proxy-client";

export async function openPki(options: { folder: string; clock: Clock; logger: Logger }): Promise<Pki> {
  const { folder, clock, logger } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const load = (which: AuthorityName): Promise<KeyPair> =>
    loadAuthority({ folder, ...authorities[which], clock, logger });
  const current = { cluster: await load("cluster"), "front-proxy": await load("front-proxy") };

  async function leaf(which: AuthorityName, name: string, request: LeafRequest): Promise<KeyPair> {
    const authority = await load(which);
    current[which] = authority;
    const found = await readPair(folder, name);
    const reason = found ? reasonToRenew(found, authority, request, clock.now()) : "it is missing";
    if (found && !reason) return found;
    logger.info(`certificate ${name}: made anew, ${reason ?? ""}`, { subject: request.commonName });
    const validity = validityFromNow(clock, lifetimes.leaf);
    const made = await issueCertificate(authority, { ...request, ...validity });
    await writePair(folder, name, made);
    return made;
  }

  return {
    folder,
    get authority() {
      return current.cluster;
    },
    get authorityCertificate() {
      return current.cluster.certificate;
    },
    get frontProxyAuthorityCertificate() {
      return current["front-proxy"].certificate;
    },
    leaf: (name, request) => leaf("cluster", name, request),
    frontProxyClient: () =>
      leaf("front-proxy", frontProxyName, { commonName: frontProxyName, usages: ["client"] }),
    serviceAccountKeys: () => loadServiceAccountKeys({ folder, clock, logger }),
  };
}
