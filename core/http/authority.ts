import { join } from "node:path";
import { BerthError, type Clock, type Logger } from "@berth/base";
import { createAuthority, type KeyPair, renewAuthority } from "./certificates.ts";
import { certificateExpired, clockWrong } from "./errors.ts";
import { inLastThird, lifetimes, validityFromNow } from "./lifetimes.ts";
import { parseCertificate, readPair, writePair } from "./pki-files.ts";

export interface AuthorityOptions {
  readonly folder: string;
  /** Of the files: `<name>.crt`, `<name>.key`. */
  readonly name: string;
  readonly commonName: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Loads a certificate authority or makes it. In its last third of life its certificate is renewed with the same key:
 * who trusts the old certificate trusts what is signed from now on, and who gets the new one trusts what was signed
 * before. @throws BerthError for an expired one (nobody would trust a new one) and for a clock before its time
 */
export async function loadAuthority(options: AuthorityOptions): Promise<KeyPair> {
  const { folder, name, commonName, clock, logger } = options;
  const found = await readPair(folder, name);
  if (!found) {
    const made = await createAuthority(commonName, validityFromNow(clock, lifetimes.authority));
    await writePair(folder, name, made);
    return made;
  }
  const file = join(folder, `${name}.crt`);
  const certificate = parseCertificate(found.certificate, file);
  const [now, from, to] = [clock.now(), Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  const clockSays = `clock says ${new Date(now).toISOString()}`;
  if (now < from)
    throw new BerthError(clockWrong, `${file} is valid from ${iso(from)}, but this machine's ${clockSays}`);
  if (now > to)
    throw new BerthError(
      certificateExpired,
      `the certificate authority ${file} expired on ${iso(to)}; the ${clockSays}`,
    );
  if (!inLastThird(from, to, now)) return found;
  logger.info(`the certificate authority ${name} ends on ${iso(to)}: renewed with the same key`);
  return await extendAuthority({ ...options, authority: found });
}

/** Gives an authority a new certificate for the same key, for another full life. */
export async function extendAuthority({
  folder,
  name,
  commonName,
  clock,
  authority,
}: Omit<AuthorityOptions, "logger"> & { readonly authority: KeyPair }): Promise<KeyPair> {
  const renewed = await renewAuthority(authority, commonName, validityFromNow(clock, lifetimes.authority));
  await writePair(folder, name, renewed);
  return renewed;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
