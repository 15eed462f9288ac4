import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

x509.cryptoProvider.set(webcrypto as never);

export interface SigningRequestOptions {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly dnsNames?: readonly string[];
  readonly key?: "ec" | "rsa";
}

const algorithms = {
  ec: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  rsa: {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  },
} as const;

/** What `openssl req -new` makes, with its key; both PEM. */
export async function makeSigningRequest(
  options: SigningRequestOptions,
): Promise<{ request: string; key: string }> {
  const { commonName, organizations = [], dnsNames = [], key = "ec" } = options;
  const algorithm = algorithms[key];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [...organizations.map((name) => ({ O: [name] })), { CN: [commonName] }],
    keys: keys as never,
    signingAlgorithm: algorithm,
    extensions:
      dnsNames.length > 0
        ? [
            new x509.SubjectAlternativeNameExtension(
              dnsNames.map((value) => ({ type: "dns" as const, value })),
            ),
          ]
        : [],
  });
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const body = der.toString("base64").match(/.{1,64}/g) ?? [];
  return {
    request: request.toString("pem"),
    key: ["-----BEGIN PRIVATE KEY-----", ...body, "-----END PRIVATE KEY-----", ""].join("\n"),
  };
}
