import { X509Certificate } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, type Clock, type Logger, nearestName } from "@berth/base";
import { extendAuthority, loadAuthority } from "./authority.ts";
import { issueCertificate } from "./certificates.ts";
import { pkiNameUnknown } from "./errors.ts";
import { lifetimes, validityFromNow } from "./lifetimes.ts";
import { authorities, type LeafRequest } from "./pki.ts";
import { parseCertificate, readPair, writePair } from "./pki-files.ts";
import { loadServiceAccountKeys, readSigningKeyTime } from "./service-account-keys.ts";

/** One pair of the folder. */
export interface PkiEntry {
  /** Of its files, without ending. */
  readonly name: string;
  readonly kind: "authority" | "certificate" | "signing key";
  /** `CN=…, O=…`; "" for a key. */
  readonly subject: string;
  /** Name of the authority that signed it; "" for a key and for an authority itself. */
  readonly authority: string;
  /** Milliseconds since the epoch. For a signing key: when it is replaced. */
  readonly expiresAt: number;
}

const signingKeyName = "sa";
const authorityNames: readonly string[] = Object.values(authorities).map(({ name }) => name);

/** Everything in a folder of keys and certificates, soonest end first. */
export async function listPki(folder: string): Promise<PkiEntry[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".crt"));
  const names = files.map((file) => file.slice(0, -".crt".length));
  const parsed = new Map<string, X509Certificate>();
  for (const name of names) {
    const pair = await readPair(folder, name);
    if (pair) parsed.set(name, parseCertificate(pair.certificate, join(folder, `${name}.crt`)));
  }
  const entries = [...parsed].map(([name, certificate]): PkiEntry => {
    const isAuthority = authorityNames.includes(name);
    return {
      name,
      kind: isAuthority ? "authority" : "certificate",
      subject: certificate.subject.split("\n").toReversed().join(", "),
      authority: isAuthority ? "" : signerOf(certificate, parsed),
      expiresAt: Date.parse(certificate.validTo),
    };
  });
  const since = await readSigningKeyTime(folder);
  if (since !== undefined) {
    const expiresAt = since + lifetimes.serviceAccountKey;
    entries.push({ name: signingKeyName, kind: "signing key", subject: "", authority: "", expiresAt });
  }
  return entries.sort((a, b) => a.expiresAt - b.expiresAt);
}

/**
 * Makes one of them anew, whatever its age: a certificate with the subject and names it has, an authority with the key
 * it has. A core that runs takes it over within a minute.
 */
export async function renewPki(
  name: string,
  parts: { readonly folder: string; readonly clock: Clock; readonly logger: Logger },
): Promise<void> {
  const { folder, clock } = parts;
  const known = await listPki(folder);
  const entry = known.find((one) => one.name === name);
  if (!entry) {
    const names = known.map((one) => one.name);
    const near = nearestName(name, names);
    throw new BerthError(
      pkiNameUnknown,
      `${folder} holds no ${name}${near ? `; did you mean ${near}?` : `; it holds ${names.join(", ")}`}`,
    );
  }
  if (entry.kind === "signing key") {
    await loadServiceAccountKeys({ ...parts, renew: true });
    return;
  }
  const identity = Object.values(authorities).find((one) => one.name === (entry.authority || name))!;
  const authority = await loadAuthority({ ...parts, ...identity });
  if (entry.kind === "authority") {
    await extendAuthority({ folder, clock, ...identity, authority });
    return;
  }
  const pair = (await readPair(folder, name))!;
  const request = requestOf(new X509Certificate(pair.certificate));
  const validity = validityFromNow(clock, lifetimes.leaf);
  await writePair(folder, name, await issueCertificate(authority, { ...request, ...validity }));
}

function signerOf(certificate: X509Certificate, all: ReadonlyMap<string, X509Certificate>): string {
  const signer = authorityNames.find((name) => {
    const authority = all.get(name);
    return authority !== undefined && certificate.verify(authority.publicKey);
  });
  return signer ?? authorities.cluster.name;
}

const clientPurpose = "1.3.6.1.5.5.7.3.2";

/** What would have to be asked for to get this certificate again. */
function requestOf(certificate: X509Certificate): LeafRequest {
  const parts = certificate.subject.split("\n").map((part) => part.split("=") as [string, string]);
  const values = (key: string): string[] => parts.filter(([name]) => name === key).map(([, value]) => value);
  const names = (certificate.subjectAltName ?? "").split(", ").filter(Boolean);
  const purposes = certificate.keyUsage ?? [];
  return {
    commonName: values("CN")[0] ?? "",
    organizations: values("O"),
    hosts: names.map((name) => name.slice(name.indexOf(":") + 1)),
    usages:
      purposes.length === 0
        ? ["server"]
        : purposes.map((one) => (one === clientPurpose ? "client" : "server")),
  };
}
