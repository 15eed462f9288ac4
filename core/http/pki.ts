import { createPublicKey, X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, type Clock, createToken, type Logger, type Token } from "@berth/base";
import {
  type CertificateRequest,
  createAuthority,
  createSigningKey,
  issueCertificate,
  type KeyPair,
} from "./certificates.ts";
import { certificateExpired, clockWrong, pkiFileUnreadable } from "./errors.ts";

const day = 24 * 3600 * 1000;
const authorityLifetime = 3650 * day;
const leafLifetime = 365 * day;
/** Clocks of a cluster's machines differ; a certificate made now must be valid on all of them. */
const clockTolerance = 300_000;

export type LeafRequest = Pick<CertificateRequest, "commonName" | "organizations" | "hosts" | "usages">;

/**
 * The keys and certificates of one cluster, kept as PEM files in one folder (0700, files 0600). What is missing is
 * made; a leaf in its last third of life, or one made for other hosts, is made anew. An expired authority is an
 * error: nobody would trust a new one.
 */
export interface Pki {
  readonly folder: string;
  /** PEM. */
  readonly authorityCertificate: string;
  /** The pair that signs; for the certificate-signing controller. */
  readonly authority: KeyPair;
  /** Load or make `<name>.crt` and `<name>.key`. */
  leaf(name: string, request: LeafRequest): Promise<KeyPair>;
  /** PKCS#8 PEM of the service account signing key, and its public half as SPKI PEM. */
  serviceAccountKeys(): Promise<{ privateKey: string; publicKey: string }>;
}

export const Pki: Token<Pki> = createToken<Pki>("pki");

export async function openPki(options: { folder: string; clock: Clock; logger: Logger }): Promise<Pki> {
  const { folder, clock, logger } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const authority = await loadAuthority(folder, clock);

  async function leaf(name: string, request: LeafRequest): Promise<KeyPair> {
    const found = await readPair(folder, name);
    const reason = found ? reasonToRenew(found, authority, request, clock) : "it is missing";
    if (found && !reason) return found;
    logger.info(`certificate ${name}: made anew, ${reason ?? ""}`, { subject: request.commonName });
    const made = await issueCertificate(authority, { ...request, ...validity(clock, leafLifetime) });
    await writePair(folder, name, made);
    return made;
  }

  async function serviceAccountKeys(): Promise<{ privateKey: string; publicKey: string }> {
    const file = join(folder, "sa.key");
    let privateKey = await readOptional(file);
    if (privateKey === undefined) {
      privateKey = await createSigningKey();
      await writeSecret(file, privateKey);
    }
    try {
      const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" }) as string;
      return { privateKey, publicKey };
    } catch (cause) {
      throw new BerthError(pkiFileUnreadable, `${file} is not a private key in PEM form`, { cause });
    }
  }

  return { folder, authority, authorityCertificate: authority.certificate, leaf, serviceAccountKeys };
}

async function loadAuthority(folder: string, clock: Clock): Promise<KeyPair> {
  const found = await readPair(folder, "ca");
  if (!found) {
    const made = await createAuthority("berth-ca", validity(clock, authorityLifetime));
    await writePair(folder, "ca", made);
    return made;
  }
  const file = join(folder, "ca.crt");
  const certificate = parse(found.certificate, file);
  const now = clock.now();
  if (now < Date.parse(certificate.validFrom)) {
    throw new BerthError(
      clockWrong,
      `${file} is valid from ${iso(certificate.validFrom)}, but this machine's clock says ${new Date(now).toISOString()}`,
    );
  }
  if (now > Date.parse(certificate.validTo)) {
    throw new BerthError(
      certificateExpired,
      `the certificate authority ${file} expired on ${iso(certificate.validTo)}; the clock says ${new Date(now).toISOString()}`,
    );
  }
  return found;
}

/** Why a stored leaf does not serve any more; undefined when it does. */
function reasonToRenew(
  pair: KeyPair,
  authority: KeyPair,
  request: LeafRequest,
  clock: Clock,
): string | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pair.certificate);
  } catch {
    return "the stored one cannot be read";
  }
  if (!certificate.verify(new X509Certificate(authority.certificate).publicKey))
    return "another authority made the stored one";
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  if (clock.now() < from) return `the stored one is valid only from ${iso(certificate.validFrom)}`;
  if (clock.now() > to - (to - from) / 3) return `the stored one ends on ${iso(certificate.validTo)}`;
  const held = new Set((certificate.subjectAltName ?? "").split(", ").map((name) => normalizeHost(name)));
  const missing = (request.hosts ?? []).filter((host) => !held.has(normalizeHost(`:${host}`)));
  if (missing.length > 0) return `the stored one lacks ${missing.join(", ")}`;
  const subject = new Set(certificate.subject.split("\n"));
  const wanted = [`CN=${request.commonName}`, ...(request.organizations ?? []).map((name) => `O=${name}`)];
  if (wanted.some((part) => !subject.has(part))) return "the stored one names another subject";
  return undefined;
}

/** "IP Address:0:0:0:0:0:0:0:1" and "::1" are the same host. */
function normalizeHost(alternativeName: string): string {
  const host = alternativeName.slice(alternativeName.indexOf(":") + 1).toLowerCase();
  if (!host.includes(":")) return host;
  return URL.canParse(`http://[${host}]`) ? new URL(`http://[${host}]`).hostname : host;
}

function validity(clock: Clock, lifetime: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(clock.now() - clockTolerance), notAfter: new Date(clock.now() + lifetime) };
}

function iso(date: string): string {
  return new Date(date).toISOString();
}

function parse(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new BerthError(pkiFileUnreadable, `${file} is not a certificate in PEM form`, { cause });
  }
}

async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
  const certificate = await readOptional(join(folder, `${name}.crt`));
  const key = await readOptional(join(folder, `${name}.key`));
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined || key === undefined) {
    const missing = certificate === undefined ? "crt" : "key";
    throw new BerthError(
      pkiFileUnreadable,
      `${join(folder, name)}.${missing} is missing beside its other half`,
    );
  }
  return { certificate, key };
}

/** The key first: a certificate never stands without it. */
async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  await writeSecret(join(folder, `${name}.key`), pair.key);
  await writeSecret(join(folder, `${name}.crt`), pair.certificate);
}

/** Written beside and renamed, so that a reader never sees half a file. */
export async function writeSecret(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600, flush: true });
  await rename(temporary, file);
}

async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new BerthError(pkiFileUnreadable, `${file} cannot be read`, { cause });
  }
}
