/** What a PKCS#10 request asks to have certified. */
export interface SigningRequestFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

/** The cluster's authority as the controllers see it; core/main provides it. Requests and certificates are PEM. */
export interface CertificateSigner {
  read(request: string): Promise<SigningRequestFacts>;
  sign(request: string, options: { usages: readonly string[]; expirationSeconds?: number }): Promise<string>;
}
