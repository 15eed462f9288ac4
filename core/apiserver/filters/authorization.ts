import { readFieldSelector, selectedName } from "../../api/index.ts";
import { type Attributes, type Authorizer, refusal } from "../authz/authorizer.ts";
import type { Filter, ServerRequest } from "../request/request.ts";

/** Refuses what no authorizer allows. */
export function authorizationFilter(authorizer: Authorizer): Filter {
  return (request, next) => {
    demand(authorizer, request);
    return next(request);
  };
}

/** @throws StatusError 403 */
export function demand(authorizer: Authorizer, request: ServerRequest): void {
  const { user, audit } = request;
  const asked = attributesOf(request);
  const decision = authorizer.authorize(user, asked);
  audit?.annotate("authorization.k8s.io/decision", decision?.allowed ? "allow" : "forbid");
  audit?.annotate("authorization.k8s.io/reason", decision?.reason ?? "");
  if (decision?.allowed) return;
  throw refusal(user, asked, decision?.reason ?? "");
}

const selecting: ReadonlySet<string> = new Set(["list", "watch", "deletecollection"]);

/** What is asked for. Who may read one name may list and watch it, too: `kubectl get secret NAME --watch`. */
export function attributesOf({ info, query }: ServerRequest): Attributes {
  if (!info.isResource || info.name !== "" || !selecting.has(info.verb)) return info;
  const text = query.get("fieldSelector");
  if (text === null) return info;
  const fields = readFieldSelector(text);
  const name = info.verb === "deletecollection" ? undefined : selectedName(fields);
  return { ...info, fields, name: name ?? "" };
}
