import { anonymous, withAuthenticatedGroup } from "../authn/authenticator.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { Filter, ServerRequest, User } from "../request/request.ts";
import { badRequest } from "../request/status-error.ts";
import { attributesOf } from "./authorization.ts";
import { ImpersonationModes } from "./impersonation-modes.ts";

const extraPrefix = "impersonate-extra-";
const unauthenticatedGroup = "system:unauthenticated";

/** Lets those who may act as somebody else do so: `kubectl --as`. */
export function impersonationFilter(authorizer: Authorizer): Filter {
  const modes = new ImpersonationModes(authorizer);
  return (request, next) => {
    const wanted = wantedUser(request);
    if (wanted) request.user = withLoginGroup(modes.become(wanted, request.user, attributesOf(request)));
    return next(request);
  };
}

/** Who the headers name, with nothing added. */
function wantedUser(request: ServerRequest): User | undefined {
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
  const user = {
    name,
    groups,
    ...(uid === "" ? {} : { uid }),
    ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
  };
  if (name !== "") return user;
  if (groups.length > 0 || extra.length > 0 || uid !== "")
    throw badRequest(`requested ${shown(user)} without impersonating a user name`);
  return undefined;
}

/** As clients have come to read it: in Go's words. */
function shown({ uid = "", groups, extra }: User): string {
  const list = (values: readonly string[]): string => `[]string{${values.map(quoted).join(", ")}}`;
  const keys = Object.keys(extra ?? {}).toSorted();
  const pairs = keys.map((key) => `${quoted(key)}:${list(extra![key]!)}`);
  return [
    '&user.DefaultInfo{Name:""',
    `UID:${quoted(uid)}`,
    `Groups:${groups.length > 0 ? list(groups) : "[]string(nil)"}`,
    `Extra:map[string][]string${extra ? `{${pairs.join(", ")}}` : "(nil)"}}`,
  ].join(", ");
}

const quoted = (text: string): string => JSON.stringify(text);

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
