import { timingSafeEqual } from "node:crypto";
import type { User } from "../request/request.ts";
import type { TokenAuthenticator } from "./authenticator.ts";
import { sha256 } from "./bearer-token.ts";

/** Fixed tokens for tests; a server has none unless it is given some. */
export function staticTokens(users: ReadonlyMap<string, User>): TokenAuthenticator {
  const known = [...users].map(([token, user]) => ({ digest: sha256(token), user }));
  return {
    name: "static tokens",
    authenticate: ({ digest }) => {
      const found = known.find((one) => timingSafeEqual(one.digest, digest));
      return Promise.resolve(found && { user: found.user });
    },
  };
}
