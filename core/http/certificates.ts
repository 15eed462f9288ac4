import { isIP } from "node:net";
import { createPublicKey, webcrypto } from "node:crypto";
import type * as X509 from "@peculiar/x509";

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateRequest {
  /** For a client certificate the user name. */
  commonName: string;
  /** For a client certificate the groups. */
  organizations?: readonly string[];
  /** DNS names and IP addresses, mixed. */
  hosts?: readonly string[];
  usages: readonly ("server" | "client")[];
  notBefore: Date;
  notAfter: Date;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Loaded when a certificate must be made, which is rarely: it costs the start of every process otherwise. */
async function x509(): Promise<typeof X509> {
  return (await import("./x509-library.ts")).x509;
}

/** A self-signed authority that may sign leaf certificates only. */
export async function createAuthority(
  commonName: string,
  validity: Pick<CertificateRequest, "notBefore" | "notAfter">,
): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return signAuthority(commonName, validity, keys);
}

/** The same authority, the same key, another certificate. */
export async function renewAuthority(
  authority: KeyPair,
  commonName: string,
  validity: Pick<CertificateRequest, "notBefore" | "notAfter">,
): Promise<KeyPair> {
  const { subtle } = webcrypto;
  const spki = createPublicKey(authority.key).export({ type: "spki", format: "der" });
  return signAuthority(commonName, validity, {
    privateKey: await subtle.importKey("pkcs8", pemBytes(authority.key), algorithm, true, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, algorithm, true, ["verify"]),
  });
}

async function signAuthority(
  commonName: string,
  validity: Pick<CertificateRequest, "notBefore" | "notAfter">,
  keys: webcrypto.CryptoKeyPair,
): Promise<KeyPair> {
  const library = await x509();
  const certificate = await library.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: distinguishedName(library, commonName),
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new library.BasicConstraintsExtension(true, 0, true),
      new library.KeyUsagesExtension(
        library.KeyUsageFlags.keyCertSign |
          library.KeyUsageFlags.digitalSignature |
          library.KeyUsageFlags.cRLSign,
        true,
      ),
      await library.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemText(certificate), key: await privateKeyPem(keys.privateKey) };
}

export async function issueCertificate(authority: KeyPair, request: CertificateRequest): Promise<KeyPair> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await sign(authority, request, keys.publicKey);
  return { certificate, key: await privateKeyPem(keys.privateKey) };
}

async function sign(
  authority: KeyPair,
  request: CertificateRequest,
  publicKey: webcrypto.CryptoKey,
): Promise<string> {
  const library = await x509();
  const issuer = new library.X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pemBytes(authority.key), algorithm, false, [
    "sign",
  ]);
  const usages = request.usages.map((usage) =>
    usage === "server" ? library.ExtendedKeyUsage.serverAuth : library.ExtendedKeyUsage.clientAuth,
  );
  const hosts = (request.hosts ?? []).map((host) =>
    isIP(host) ? { type: "ip" as const, value: host } : { type: "dns" as const, value: host },
  );
  const certificate = await library.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: distinguishedName(library, request.commonName, request.organizations),
    issuer: issuer.subjectName,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm: algorithm,
    publicKey: publicKey as never,
    signingKey: signingKey as never,
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(library.KeyUsageFlags.digitalSignature, true),
      new library.ExtendedKeyUsageExtension(usages),
      await library.AuthorityKeyIdentifierExtension.create(issuer),
      ...(hosts.length > 0 ? [new library.SubjectAlternativeNameExtension(hosts)] : []),
    ],
  });
  return pemText(certificate);
}

/** A key pair for signing service account tokens (ES256), PKCS#8 PEM. */
export async function createSigningKey(): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return privateKeyPem(keys.privateKey);
}

function distinguishedName(
  library: typeof X509,
  commonName: string,
  organizations: readonly string[] = [],
): X509.Name {
  return new library.Name([...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }]);
}

/** Ends with a line break, so that files can be put together. */
export function pemText(certificate: X509.X509Certificate): string {
  return `${certificate.toString("pem").trimEnd()}\n`;
}

/** 127 random bits, positive: RFC 5280 allows 20 bytes and asks for unpredictable ones. */
export function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = (bytes[0]! & 0x7f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PRIVATE KEY-----", ...lines, "-----END PRIVATE KEY-----", ""].join("\n");
}

export function pemBytes(pem: string): Buffer<ArrayBuffer> {
  return Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
}
