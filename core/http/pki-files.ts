import { X509Certificate } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "@berth/base";
import type { KeyPair } from "./certificates.ts";
import { pkiFileUnreadable } from "./errors.ts";

/** `<name>.crt` and `<name>.key` of a folder; undefined when neither is there, an error when only one is. */
export async function readPair(folder: string, name: string): Promise<KeyPair | undefined> {
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

/** Both or, on a full disk, neither. The key first: a certificate never stands without it. */
export function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  return writeSecrets([
    [join(folder, `${name}.key`), pair.key],
    [join(folder, `${name}.crt`), pair.certificate],
  ]);
}

export function writeSecret(file: string, text: string): Promise<void> {
  return writeSecrets([[file, text]]);
}

/** Written beside and renamed, so that a reader never sees half a file; renaming needs no room. */
async function writeSecrets(texts: readonly (readonly [file: string, text: string])[]): Promise<void> {
  const beside = (file: string): string => `${file}.${process.pid}.tmp`;
  try {
    for (const [file, text] of texts) await writeFile(beside(file), text, { mode: 0o600, flush: true });
    for (const [file] of texts) await rename(beside(file), file);
  } catch (error) {
    for (const [file] of texts) await rm(beside(file), { force: true });
    throw error;
  }
}

export async function readOptional(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new BerthError(pkiFileUnreadable, `${file} cannot be read`, { cause });
  }
}

export function parseCertificate(pem: string, file: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new BerthError(pkiFileUnreadable, `${file} is not a certificate in PEM form`, { cause });
  }
}
