import { formatTime, namedType } from "../../api/index.ts";
import { type TokenAuthenticator, withAuthenticatedGroup } from "../authn/authenticator.ts";
import { BearerToken } from "../authn/bearer-token.ts";
import { readNamed } from "../registry/request-object.ts";
import { ownedBy } from "./review-owner.ts";
import { wrongAudience } from "../authn/service-account-tokens.ts";
import { badRequest } from "../request/status-error.ts";
import type { Reply, ServerRequest, User } from "../request/request.ts";

const group = "authentication.k8s.io/v1";

/**
 * Says whose a bearer token is; a token that is no good is an answer, not an error.
 * @param own the audience that stands for this server
 */
export async function reviewToken(
  request: ServerRequest,
  authenticators: readonly TokenAuthenticator[],
  own: string,
  now: number,
): Promise<Reply> {
  const kind = "TokenReview";
  const named = namedType(group, kind)!;
  const body = await readNamed<{ spec?: { token?: string; audiences?: string[] } }>(request, named);
  const { token = "", audiences = [] } = body.spec ?? {};
  if (token === "") throw badRequest(`token is required for ${kind} in authentication`);
  const status = await statusOf(new BearerToken(token), audiences, own, authenticators);
  return {
    kind: "object",
    status: 201,
    value: {
      kind,
      apiVersion: group,
      metadata: ownedBy(request, named, body, now),
      spec: body.spec ?? {},
      status,
    },
  };
}

async function statusOf(
  token: BearerToken,
  audiences: readonly string[],
  own: string,
  authenticators: readonly TokenAuthenticator[],
): Promise<object> {
  for (const authenticator of authenticators) {
    try {
      const found = await authenticator.authenticate(token, audiences);
      if (found) {
        // A token that names no audience is for this server alone.
        const good =
          found.audiences ?? [own].filter((one) => audiences.length === 0 || audiences.includes(one));
        if (good.length === 0) return notGood(wrongAudience([own], audiences));
        const user = userInfo(withAuthenticatedGroup(found.user));
        return { authenticated: true, user, audiences: good };
      }
    } catch (error) {
      return notGood(error instanceof Error ? error.message : String(error));
    }
  }
  return notGood();
}

/** A token that no authenticator knows, with what the one that came nearest says of it. */
function notGood(why?: string): object {
  const known = "invalid bearer token";
  return { user: {}, error: why === undefined ? known : `[${known}, ${why}]` };
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
