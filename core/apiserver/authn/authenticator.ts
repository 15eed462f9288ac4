import type { User } from "../request/request.ts";
import type { ClientIdentity } from "../../http/index.ts";
import type { BearerToken } from "./bearer-token.ts";

export interface Authenticated {
  readonly user: User;
  /** Audiences the credential is good for; absent when it names none. */
  readonly audiences?: readonly string[];
}

/** Recognises one kind of bearer token. */
export interface TokenAuthenticator {
  readonly name: string;
  /** undefined: not a token of this kind. @throws Error with a sentence for a token that is one and is not good */
  authenticate(token: BearerToken, audiences?: readonly string[]): Promise<Authenticated | undefined>;
}

export const authenticatedGroup = "system:authenticated";
export const anonymous: User = { name: "system:anonymous", groups: ["system:unauthenticated"] };

export function withAuthenticatedGroup(user: User): User {
  if (user.groups.includes(authenticatedGroup)) return user;
  return { ...user, groups: [...user.groups, authenticatedGroup] };
}

export type AuthenticationOutcome =
  | { readonly kind: "user"; readonly user: User }
  | { readonly kind: "anonymous" }
  | { readonly kind: "refused"; readonly reason: string };

/** Who a connection's certificate says its caller is: the same for every request that comes by it. */
export function authenticateCertificate(certificate: ClientIdentity): AuthenticationOutcome {
  if (certificate.kind === "none") return { kind: "anonymous" };
  if (certificate.kind === "refused") return certificate;
  const { user: name, groups, fingerprint } = certificate;
  const extra = { "authentication.kubernetes.io/credential-id": [`X509SHA256=${fingerprint}`] };
  return { kind: "user", user: withAuthenticatedGroup({ name, groups, extra }) };
}

/** A bad token is refused and never treated as none. */
export async function authenticateToken(
  token: BearerToken,
  authenticators: readonly TokenAuthenticator[],
): Promise<AuthenticationOutcome> {
  for (const authenticator of authenticators) {
    try {
      const found = await authenticator.authenticate(token);
      if (found) return { kind: "user", user: withAuthenticatedGroup(found.user) };
    } catch (error) {
      return { kind: "refused", reason: error instanceof Error ? error.message : String(error) };
    }
  }
  return { kind: "refused", reason: "the bearer token is not known here" };
}
