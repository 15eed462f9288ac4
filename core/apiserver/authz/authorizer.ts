import type { FieldSelectorQuery } from "../../api/index.ts";
import type { User } from "../request/request.ts";
import { forbidden, StatusError } from "../request/status-error.ts";

/** One question to the authorizers: may this user do that? */
export type Attributes =
  | {
      readonly isResource: true;
      readonly verb: string;
      readonly group: string;
      readonly version: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      /** Of a list, a watch or a deletecollection: it will show and touch nothing else. */
      readonly fields?: FieldSelectorQuery;
    }
  | { readonly isResource: false; readonly verb: string; readonly path: string };

/** What does not allow lets the next authorizer speak; when none allows, the request is refused. */
export interface Decision {
  readonly allowed: boolean;
  /** Why, for the caller and the audit trail. */
  readonly reason: string;
}

export interface Authorizer {
  readonly name: string;
  /** undefined is no opinion. */
  authorize(user: User, attributes: Attributes): Decision | undefined;
}

export const mastersGroup = "system:masters";

/** The way in when every policy is broken: only who holds the authority's key can join this group. */
export const mastersAuthorizer: Authorizer = {
  name: "masters",
  authorize: (user) => (user.groups.includes(mastersGroup) ? { allowed: true, reason: "" } : undefined),
};

export function authorizerChain(authorizers: readonly Authorizer[]): Authorizer {
  return {
    name: authorizers.map((one) => one.name).join(","),
    authorize(user, attributes) {
      const reasons: string[] = [];
      for (const one of authorizers) {
        const decision = one.authorize(user, attributes);
        if (decision?.allowed) return decision;
        if (decision) reasons.push(decision.reason);
      }
      return reasons.length > 0 ? { allowed: false, reason: reasons.join("\n") } : undefined;
    },
  };
}

/** The answer to who may not. */
export function refusal(user: User, attributes: Attributes, reason: string): StatusError {
  const why = `${refusalMessage(user, attributes)}${reason === "" ? "" : `: ${reason}`}`;
  if (attributes.isResource) return forbidden(attributes, attributes.name, why);
  return new StatusError(403, "Forbidden", `forbidden: ${why}`, {});
}

/** The sentence of a refusal, as kubectl users know it. */
export function refusalMessage(user: User, attributes: Attributes): string {
  return withoutMarkup(sentence(user, attributes));
}

/** A browser that is shown what somebody named must not take it for a page. */
function withoutMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function sentence(user: User, attributes: Attributes): string {
  const who = `User ${JSON.stringify(user.name)} cannot ${attributes.verb}`;
  if (!attributes.isResource) return `${who} path ${JSON.stringify(attributes.path)}`;
  const { resource, subresource, group, namespace } = attributes;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return `${who} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`;
}
