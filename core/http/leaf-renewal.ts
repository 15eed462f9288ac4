import { X509Certificate } from "node:crypto";
import type { CertificateRequest, KeyPair } from "./certificates.ts";
import { inLastThird } from "./lifetimes.ts";

/** Why a stored leaf does not serve any more; undefined when it does. `now` in milliseconds since the epoch. */
export function reasonToRenew(
  pair: KeyPair,
  authority: KeyPair,
  request: Pick<CertificateRequest, "commonName" | "organizations" | "hosts">,
  now: number,
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
  if (now < from) return `the stored one is valid only from ${new Date(from).toISOString()}`;
  if (inLastThird(from, to, now)) return `the stored one ends on ${new Date(to).toISOString()}`;
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
