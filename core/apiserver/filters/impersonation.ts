import { withAuthenticatedGroup } from "../authn/authenticator.ts";
import { type Authorizer, refusalMessage } from "../authz/authorizer.ts";
import type { Filter, ServerRequest, User } from "../request/request.ts";
import { badRequest, forbidden } from "../request/status-error.ts";

const extraPrefix = "impersonate-extra-";
const accountPattern = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Lets those who may act as somebody else do so: `kubectl --as`. */
export function impersonationFilter(authorizer: Authorizer): Filter {
  return (request, next) => {
    const wanted = wantedUser(request);
    if (wanted) {
      check(authorizer, request.user, wanted);
      request.user = wanted;
    }
    return next(request);
  };
}

function wantedUser({ headers }: ServerRequest): User | undefined {
  let impersonates = false;
  for (const header in headers) impersonates ||= header.startsWith("impersonate-");
  if (!impersonates) return undefined;
  const name = headers["impersonate-user"];
  const groups = (headers["impersonate-group"] ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  const extra: Record<string, string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(extraPrefix) && value !== undefined)
      extra[decodeURIComponent(header.slice(extraPrefix.length))] = [value];
  }
  if (name === undefined) {
    if (groups.length > 0 || Object.keys(extra).length > 0)
      throw badRequest("requested to impersonate groups or extra without a user");
    return undefined;
  }
  const uid = headers["impersonate-uid"];
  const account = accountPattern.exec(name);
  const implied =
    groups.length === 0 && account ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]!}`] : [];
  return withAuthenticatedGroup({
    name,
    groups: [...groups, ...implied],
    ...(uid === undefined ? {} : { uid }),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  });
}

function check(authorizer: Authorizer, user: User, wanted: User): void {
  const account = accountPattern.exec(wanted.name);
  if (account) demand(authorizer, user, "", "serviceaccounts", account[2]!, account[1]);
  else demand(authorizer, user, "", "users", wanted.name);
  for (const group of wanted.groups) {
    const implied =
      group === "system:authenticated" || (account && group.startsWith("system:serviceaccounts"));
    if (!implied) demand(authorizer, user, "", "groups", group);
  }
  if (wanted.uid !== undefined) demand(authorizer, user, "authentication.k8s.io", "uids", wanted.uid);
  for (const [key, values] of Object.entries(wanted.extra ?? {}))
    for (const value of values)
      demand(authorizer, user, "authentication.k8s.io", "userextras", value, "", key);
}

function demand(
  authorizer: Authorizer,
  user: User,
  group: string,
  resource: string,
  name: string,
  namespace = "",
  subresource = "",
): void {
  const asked = {
    isResource: true as const,
    verb: "impersonate",
    group,
    version: "v1",
    resource,
    subresource,
    namespace,
    name,
  };
  if (!authorizer.authorize(user, asked)?.allowed)
    throw forbidden({ group, resource }, name, refusalMessage(user, asked));
}
