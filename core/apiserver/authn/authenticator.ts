import type { User } from "../request/request.ts";
import type { ClientIdentity } from "../../http/index.ts";

/** What a caller shows. */
export interface Credentials {
  readonly certificate: ClientIdentity;
  /** Of an `Authorization: Bearer` header. */
  readonly bearer: string | undefined;
}

export interface Authenticated {
  readonly user: User;
  /** Audiences the credential is good for; absent when it names none. */
  readonly audiences?: readonly string[];
}

/** Recognises one kind of bearer token. */
export interface TokenAuthenticator {
  readonly name: string;
  /** undefined: not a token of this kind. @throws Error with a sentence for a token that is one and is not good */
  authenticate(token: string, audiences?: readonly string[]): Promise<Authenticated | undefined>;
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

/** Certificate first, then the token; a bad credential is refused and never treated as none. */
export async function authenticate(
  credentials: Credentials,
  tokens: readonly TokenAuthenticator[],
): Promise<AuthenticationOutcome> {
  const { certificate, bearer } = credentials;
  if (certificate.kind === "certificate") {
    const user = { name: certificate.user, groups: certificate.groups };
    return { kind: "user", user: withAuthenticatedGroup(user) };
  }
  if (bearer !== undefined) {
    for (const authenticator of tokens) {
      try {
        const found = await authenticator.authenticate(bearer);
        if (found) return { kind: "user", user: withAuthenticatedGroup(found.user) };
      } catch (error) {
        return { kind: "refused", reason: error instanceof Error ? error.message : String(error) };
      }
    }
    return { kind: "refused", reason: "the bearer token is not known here" };
  }
  if (certificate.kind === "refused") return { kind: "refused", reason: certificate.reason };
  return { kind: "anonymous" };
}

export function bearerToken(header: string | undefined): string | undefined {
  const match = /^bearer\s+(\S+)$/i.exec(header ?? "");
  return match?.[1];
}
