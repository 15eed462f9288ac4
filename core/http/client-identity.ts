import { TLSSocket } from "node:tls";

/** Who a TLS peer proved to be: the user name is the certificate's CN, the groups are its O entries. */
export type ClientIdentity =
  | { readonly kind: "none" }
  | {
      readonly kind: "certificate";
      readonly user: string;
      readonly groups: readonly string[];
      /** SHA-256 of it, in hexadecimal digits. */
      readonly fingerprint: string;
      /** Milliseconds since the epoch. */
      readonly validUntil: number;
    }
  /** A certificate was shown and is not good: one sentence that says why. */
  | { readonly kind: "refused"; readonly reason: string };

const reasons: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the client certificate has expired",
  CERT_NOT_YET_VALID: "the client certificate is not valid yet: compare the clocks of both machines",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the client certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the client certificate comes from another authority",
  UNABLE_TO_GET_ISSUER_CERT: "the client certificate comes from another authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the client certificate comes from another authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the client certificate comes from another authority",
  INVALID_PURPOSE: "the certificate is not one for clients",
};

/**
 * Reads the certificate of a connection. It cannot change during a connection: callers remember the answer, and what it is
 * worth later tells {@link identityAt}.
 */
export function identityOfSocket(socket: unknown): ClientIdentity {
  if (!(socket instanceof TLSSocket)) return { kind: "none" };
  const certificate = socket.getPeerCertificate();
  if (!certificate || Object.keys(certificate).length === 0) return { kind: "none" };
  if (!socket.authorized) {
    const code = String(socket.authorizationError ?? "");
    const dates = code.startsWith("CERT_") ? ` (${certificate.valid_from} to ${certificate.valid_to})` : "";
    return {
      kind: "refused",
      reason: `${reasons[code] ?? `the client certificate was refused: ${code}`}${dates}`,
    };
  }
  const user = single(certificate.subject.CN);
  if (!user) return { kind: "refused", reason: "the client certificate has no common name (CN)" };
  const validUntil = Date.parse(certificate.valid_to);
  const fingerprint = certificate.fingerprint256.replaceAll(":", "").toLowerCase();
  return { kind: "certificate", user, groups: many(certificate.subject.O), fingerprint, validUntil };
}

/** A certificate's end is the end of what it proves, on a connection that was made before it, too. */
export function identityAt(identity: ClientIdentity, now: number): ClientIdentity {
  if (identity.kind !== "certificate" || now <= identity.validUntil) return identity;
  const end = new Date(identity.validUntil).toUTCString();
  return { kind: "refused", reason: `${reasons["CERT_HAS_EXPIRED"]!} (it was valid until ${end})` };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function many(value: string | string[] | undefined): string[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
