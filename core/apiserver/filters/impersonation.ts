import { anonymous, withAuthenticatedGroup } from "../authn/authenticator.ts";
import { type Authorizer, refusalMessage } from "../authz/authorizer.ts";
import type { Filter, ServerRequest, User } from "../request/request.ts";
import { badRequest, forbidden } from "../request/status-error.ts";

const extraPrefix = "impersonate-extra-";
const accountPattern = /^system:serviceaccount:([^:]+):([^:]+)$/;
const unauthenticatedGroup = "system:unauthenticated";

interface Wanted {
  readonly user: User;
  /** Those that were asked for by name; the others come with who he is. */
  readonly groups: readonly string[];
}

/** Lets those who may act as somebody else do so: `kubectl --as`. */
export function impersonationFilter(authorizer: Authorizer): Filter {
  return (request, next) => {
    const wanted = wantedUser(request);
    if (wanted) {
      check(authorizer, request.user, wanted);
      request.user = wanted.user;
    }
    return next(request);
  };
}

function wantedUser(request: ServerRequest): Wanted | undefined {
  let impersonates = false;
  for (const header in request.headers) impersonates ||= header.startsWith("impersonate-");
  if (!impersonates) return undefined;
  const given = headerValues(request);
  const name = given.get("impersonate-user")?.[0] ?? "";
  const uid = given.get("impersonate-uid")?.[0] ?? "";
  const groups = given.get("impersonate-group") ?? [];
  const extra = [...given]
    .filter(([header]) => header.startsWith(extraPrefix))
    .map(([header, values]) => [decoded(header.slice(extraPrefix.length)), values] as const);
  if (name === "") {
    if (groups.length > 0 || extra.length > 0 || uid !== "")
      throw badRequest("requested to impersonate groups, a uid or extra without a user");
    return undefined;
  }
  const account = accountPattern.exec(name);
  const implied =
    groups.length === 0 && account ? ["system:serviceaccounts", `system:serviceaccounts:${account[1]!}`] : [];
  const user = {
    name,
    groups: [...groups, ...implied],
    ...(uid === "" ? {} : { uid }),
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
  return { user: withLoginGroup(user), groups };
}

/** Whether he has shown who he is: everybody has but the one who is nobody, and who is asked for as such. */
function withLoginGroup(user: User): User {
  if (user.name !== anonymous.name)
    return user.groups.includes(unauthenticatedGroup) ? user : withAuthenticatedGroup(user);
  return { ...user, groups: [...new Set([...user.groups, ...anonymous.groups])] };
}

/** By header, each value by itself: Node joins them, and a group may have a comma in its name. */
function headerValues({ headers, response, upgrade }: ServerRequest): Map<string, string[]> {
  const raw =
    (upgrade?.request ?? response?.req)?.rawHeaders ??
    Object.entries(headers).flatMap(([name, value]) => [name, value ?? ""]);
  const values = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at]!.toLowerCase();
    if (name.startsWith("impersonate-")) values.set(name, [...(values.get(name) ?? []), raw[at + 1]!]);
  }
  return values;
}

/** What is no percent-encoding stands for itself. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function check(authorizer: Authorizer, user: User, { user: wanted, groups }: Wanted): void {
  const account = accountPattern.exec(wanted.name);
  if (account) demand(authorizer, user, "", "serviceaccounts", account[2]!, account[1]);
  else demand(authorizer, user, "", "users", wanted.name);
  for (const group of groups) demand(authorizer, user, "", "groups", group);
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
