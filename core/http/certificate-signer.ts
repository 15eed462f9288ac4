import { webcrypto } from "node:crypto";
import { BerthError, type Clock } from "@berth/base";
import type * as X509 from "@peculiar/x509";
import { pemBytes, pemText, serialNumber } from "./certificates.ts";
import { signingRequestBroken } from "./errors.ts";
import { lifetimes, validityFromNow } from "./lifetimes.ts";
import type { Pki } from "./pki.ts";

/** What somebody asks to have certified. */
export interface SigningRequestFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

export interface CertificateSigner {
  /** Reads a PKCS#10 request in PEM and checks its own signature. @throws BerthError BERTH_HTTP_SIGNING_REQUEST */
  read(request: string): Promise<SigningRequestFacts>;
  /**
   * Signs it with the cluster's authority as it stands: subject, alternative names and public key are the request's.
   * @param usages as the API names them: "client auth", "digital signature"
   * @param expirationSeconds a year when absent; never longer than that, nor than the authority
   * @returns PEM
   */
  sign(request: string, options: { usages: readonly string[]; expirationSeconds?: number }): Promise<string>;
}

/** The usages of the API that are bits of the KeyUsage extension (RFC 5280, 4.2.1.3). */
const keyUsages = {
  signing: "digitalSignature",
  "digital signature": "digitalSignature",
  "content commitment": "nonRepudiation",
  "key encipherment": "keyEncipherment",
  "key agreement": "keyAgreement",
  "data encipherment": "dataEncipherment",
  "encipher only": "encipherOnly",
  "decipher only": "decipherOnly",
} as const;

/** The usages that are purposes of the ExtendedKeyUsage extension (RFC 5280, 4.2.1.12). */
const extendedUsages = {
  "server auth": "serverAuth",
  "client auth": "clientAuth",
  "code signing": "codeSigning",
  "email protection": "emailProtection",
  timestamping: "timeStamping",
  "ocsp signing": "ocspSigning",
} as const;

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Signs what others made the keys for: the other half of certificate signing requests. */
export function certificateSigner(pki: Pki, clock: Clock): CertificateSigner {
  return {
    read: async (request) => facts(await parse(request)),
    async sign(request, { usages, expirationSeconds }) {
      const library = (await import("./x509-library.ts")).x509;
      const asked = await parse(request);
      const authority = new library.X509Certificate(pki.authority.certificate);
      const lifetime = Math.min(lifetimes.leaf, (expirationSeconds ?? Infinity) * 1000);
      const { notBefore, notAfter } = validityFromNow(clock, lifetime);
      const names = alternativeNames(asked);
      const certificate = await library.X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject: asked.subjectName,
        issuer: authority.subjectName,
        notBefore,
        notAfter: notAfter < authority.notAfter ? notAfter : authority.notAfter,
        signingAlgorithm: algorithm,
        publicKey: asked.publicKey,
        signingKey: (await webcrypto.subtle.importKey(
          "pkcs8",
          pemBytes(pki.authority.key),
          algorithm,
          false,
          ["sign"],
        )) as never,
        extensions: [
          new library.BasicConstraintsExtension(false, undefined, true),
          ...usageExtensions(library, usages),
          await library.AuthorityKeyIdentifierExtension.create(authority),
          ...(names ? [names] : []),
        ],
      });
      return pemText(certificate);
    },
  };
}

async function parse(request: string): Promise<X509.Pkcs10CertificateRequest> {
  const library = (await import("./x509-library.ts")).x509;
  if (!/^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----/.test(request))
    throw new BerthError(signingRequestBroken, "PEM block type must be CERTIFICATE REQUEST");
  let asked: X509.Pkcs10CertificateRequest;
  try {
    asked = new library.Pkcs10CertificateRequest(request);
  } catch (cause) {
    throw new BerthError(signingRequestBroken, "it is not a PKCS#10 request", { cause });
  }
  if (!(await asked.verify()))
    throw new BerthError(signingRequestBroken, "its signature is not one of the key it names");
  return asked;
}

function alternativeNames(
  asked: X509.Pkcs10CertificateRequest,
): X509.SubjectAlternativeNameExtension | undefined {
  const subjectAltName = "2.5.29.17";
  return asked.getExtension(subjectAltName) as X509.SubjectAlternativeNameExtension | undefined;
}

function facts(asked: X509.Pkcs10CertificateRequest): SigningRequestFacts {
  const names = alternativeNames(asked)?.names.toJSON() ?? [];
  const ofType = (type: string): string[] =>
    names.filter((name) => name.type === type).map((name) => name.value);
  return {
    commonName: asked.subjectName.getField("CN")[0] ?? "",
    organizations: asked.subjectName.getField("O"),
    dnsNames: ofType("dns"),
    ipAddresses: ofType("ip"),
    emailAddresses: ofType("email"),
    uris: ofType("url"),
  };
}

function usageExtensions(library: typeof X509, usages: readonly string[]): X509.Extension[] {
  const bits = usages
    .filter((usage): usage is keyof typeof keyUsages => Object.hasOwn(keyUsages, usage))
    .reduce((all, usage) => all | library.KeyUsageFlags[keyUsages[usage]], 0);
  const purposes = usages
    .filter((usage): usage is keyof typeof extendedUsages => Object.hasOwn(extendedUsages, usage))
    .map((usage) => library.ExtendedKeyUsage[extendedUsages[usage]]);
  return [
    ...(bits === 0 ? [] : [new library.KeyUsagesExtension(bits, true)]),
    ...(purposes.length === 0 ? [] : [new library.ExtendedKeyUsageExtension(purposes)]),
  ];
}
