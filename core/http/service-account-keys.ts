import { createPublicKey } from "node:crypto";
import { join } from "node:path";
import { BerthError, type Clock, type Logger } from "@berth/base";
import { createSigningKey } from "./certificates.ts";
import { pkiFileUnreadable } from "./errors.ts";
import { lifetimes } from "./lifetimes.ts";
import { readOptional, writeSecret } from "./pki-files.ts";

/** PEM: the key that signs tokens now (PKCS#8), and all whose signatures still count (SPKI), the signing one first. */
export interface ServiceAccountKeys {
  readonly privateKey: string;
  readonly publicKeys: readonly string[];
}

/** Longer than any token lives: what a former key signed has ended by then. */
const formerKeyLife = 48 * 3600 * 1000;

/** A public key with the times that stand in front of it in `sa.pub`. */
interface KnownKey {
  readonly publicKey: string;
  readonly since: number;
  /** When another took over; absent for the signing key. */
  readonly until?: number;
}

const entry = /# since (\S+)(?: until (\S+))?\n(-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----\n)/g;

/**
 * Loads `sa.key` and `sa.pub`, or makes them. A signing key that has had its time is replaced by a new one; the former
 * stays among those that count until no token of it can be alive.
 */
export async function loadServiceAccountKeys(options: {
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Replace the signing key whatever its age. */
  readonly renew?: boolean;
}): Promise<ServiceAccountKeys> {
  const { folder, clock, logger, renew = false } = options;
  const now = clock.now();
  const keyFile = join(folder, "sa.key");
  const ringFile = join(folder, "sa.pub");
  let privateKey = await readOptional(keyFile);
  const text = await readOptional(ringFile);
  let known = parseRing(text ?? "");
  const signing = privateKey === undefined ? undefined : publicHalf(privateKey, keyFile);
  // A key without its entry was put there by hand, or its entry was not written yet when the machine stopped.
  if (signing !== undefined && known[0]?.publicKey !== signing)
    known = [{ publicKey: signing, since: now }, ...retire(known, now)];
  const age = now - (known[0]?.since ?? now);
  if (privateKey === undefined || renew || age > lifetimes.serviceAccountKey) {
    if (privateKey !== undefined) logger.info("the key that signs service account tokens is replaced");
    privateKey = await createSigningKey();
    known = [{ publicKey: publicHalf(privateKey, keyFile), since: now }, ...retire(known, now)];
    // Whoever reads in between sees the new key counted before it signs.
    await writeSecret(ringFile, formatRing(known));
    await writeSecret(keyFile, privateKey);
  }
  known = known.filter(({ until }) => until === undefined || now - until < formerKeyLife);
  const ring = formatRing(known);
  if (ring !== (await readOptional(ringFile))) await writeSecret(ringFile, ring);
  return { privateKey, publicKeys: known.map(({ publicKey }) => publicKey) };
}

/** When the signing key was made, in milliseconds since the epoch; undefined when there is none. */
export async function readSigningKeyTime(folder: string): Promise<number | undefined> {
  return parseRing((await readOptional(join(folder, "sa.pub"))) ?? "")[0]?.since;
}

function retire(known: readonly KnownKey[], now: number): KnownKey[] {
  return known.map((key) => ({ ...key, until: key.until ?? now }));
}

function parseRing(text: string): KnownKey[] {
  return [...text.matchAll(entry)].map(([, since, until, publicKey]) => ({
    publicKey: publicKey!,
    since: Date.parse(since!),
    ...(until === undefined ? {} : { until: Date.parse(until) }),
  }));
}

function formatRing(known: readonly KnownKey[]): string {
  const iso = (time: number): string => new Date(time).toISOString();
  return known
    .map(
      ({ publicKey, since, until }) =>
        `# since ${iso(since)}${until === undefined ? "" : ` until ${iso(until)}`}\n${publicKey}`,
    )
    .join("");
}

function publicHalf(privateKey: string, file: string): string {
  try {
    return createPublicKey(privateKey).export({ type: "spki", format: "pem" }) as string;
  } catch (cause) {
    throw new BerthError(pkiFileUnreadable, `${file} is not a private key in PEM form`, { cause });
  }
}
