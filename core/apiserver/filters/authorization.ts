import { type Authorizer, refusalMessage } from "../authz/authorizer.ts";
import type { Filter, ServerRequest } from "../request/request.ts";
import { forbidden, StatusError } from "../request/status-error.ts";

/** Refuses what no authorizer allows. */
export function authorizationFilter(authorizer: Authorizer): Filter {
  return (request, next) => {
    demand(authorizer, request);
    return next(request);
  };
}

/** @throws StatusError 403 */
export function demand(authorizer: Authorizer, { user, info, audit }: ServerRequest): void {
  const decision = authorizer.authorize(user, info);
  audit?.annotate("authorization.k8s.io/decision", decision?.allowed ? "allow" : "forbid");
  audit?.annotate("authorization.k8s.io/reason", decision?.reason ?? "");
  if (decision?.allowed) return;
  const why = `${refusalMessage(user, info)}${decision ? `: ${decision.reason}` : ""}`;
  if (info.isResource) throw forbidden(info, info.name, why);
  throw new StatusError(403, "Forbidden", `forbidden: ${why}`, {});
}
