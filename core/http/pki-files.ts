import { X509Certificate } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
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

/** The key first: a certificate never stands without it. */
export async function writePair(folder: string, name: string, pair: KeyPair): Promise<void> {
  await writeSecret(join(folder, `${name}.key`), pair.key);
  await writeSecret(join(folder, `${name}.crt`), pair.certificate);
}

/** Written beside and renamed, so that a reader never sees half a file. */
export async function writeSecret(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600, flush: true });
  await rename(temporary, file);
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
