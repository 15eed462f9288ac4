import { formatTime, namedType } from "../../api/index.ts";
import { type TokenAuthenticator, withAuthenticatedGroup } from "../authn/authenticator.ts";
import { readNamed } from "../registry/request-object.ts";
import type { Reply, ServerRequest, User } from "../request/request.ts";

const group = "authentication.k8s.io/v1";

/** Says whose a bearer token is; a token that is no good is an answer, not an error. */
export async function reviewToken(
  request: ServerRequest,
  authenticators: readonly TokenAuthenticator[],
): Promise<Reply> {
  const kind = "TokenReview";
  const body = await readNamed<{ spec?: { token?: string; audiences?: string[] } }>(
    request,
    namedType(group, kind)!,
  );
  const { token = "", audiences } = body.spec ?? {};
  const status = await statusOf(token, audiences, authenticators);
  return {
    kind: "object",
    status: 201,
    value: { kind, apiVersion: group, metadata: {}, spec: body.spec ?? {}, status },
  };
}

async function statusOf(
  token: string,
  audiences: string[] | undefined,
  authenticators: readonly TokenAuthenticator[],
): Promise<object> {
  for (const authenticator of authenticators) {
    try {
      const found = await authenticator.authenticate(token, audiences);
      if (found) {
        const user = userInfo(withAuthenticatedGroup(found.user));
        return { authenticated: true, user, ...(found.audiences ? { audiences: found.audiences } : {}) };
      }
    } catch (error) {
      return { authenticated: false, error: error instanceof Error ? error.message : String(error) };
    }
  }
  return { authenticated: false, error: "the token is not known here" };
}

/** `kubectl auth whoami`. */
export function reviewSelf(request: ServerRequest, now: number): Reply {
  return {
    kind: "object",
    status: 201,
    value: {
      kind: "SelfSubjectReview",
      apiVersion: group,
      metadata: { creationTimestamp: formatTime(now) },
      status: { userInfo: userInfo(request.user) },
    },
  };
}

function userInfo(user: User): object {
  const { name, groups, uid, extra } = user;
  return { username: name, groups, ...(uid ? { uid } : {}), ...(extra ? { extra } : {}) };
}
