import {
  type AskAuthorizer,
  AuthorizerValue,
  boolType,
  type CelField,
  type CelType,
  type CelValue,
  dynType,
  fromJson,
  listOf,
  mapOf,
  objectType,
  parseType,
  ResourceCheck,
  stringType,
} from "../../api/cel/index.ts";
import type { AdmissionRequest } from "../admission/admission.ts";
import { namespaceOf } from "../admission/admission-rules.ts";
import { requestDocument } from "../admission/request-document.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { User } from "../request/request.ts";

function fields(types: Readonly<Record<string, CelType>>): ReadonlyMap<string, CelField> {
  return new Map(Object.entries(types).map(([json, type]) => [json, { json, type }]));
}

const named = (name: string, last: string): CelType =>
  objectType(`kubernetes.${name}`, fields({ group: stringType, version: stringType, [last]: stringType }));

const userType = objectType(
  "kubernetes.UserInfo",
  fields({
    username: stringType,
    uid: stringType,
    groups: listOf(stringType),
    extra: mapOf(stringType, listOf(stringType)),
  }),
);

const requestType = objectType(
  "kubernetes.AdmissionRequest",
  fields({
    kind: named("GroupVersionKind", "kind"),
    resource: named("GroupVersionResource", "resource"),
    subResource: stringType,
    requestKind: named("GroupVersionKind", "kind"),
    requestResource: named("GroupVersionResource", "resource"),
    requestSubResource: stringType,
    name: stringType,
    namespace: stringType,
    operation: stringType,
    userInfo: userType,
    dryRun: boolType,
    options: dynType,
  }),
);

/** Of match conditions; policies add `params`, `namespaceObject` and `variables`. */
export const requestVariables: Readonly<Record<string, CelType>> = {
  object: dynType,
  oldObject: dynType,
  request: requestType,
  authorizer: parseType("kubernetes.authorization.Authorizer"),
  "authorizer.requestResource": parseType("kubernetes.authorization.ResourceCheck"),
};

/** What expressions see of one request; wrapped once for all of them. */
export class RequestValues {
  readonly #request: AdmissionRequest;
  readonly #fixed: Record<string, CelValue>;
  #object: CelValue;

  constructor(request: AdmissionRequest, authorizer: Authorizer, cache: WatchCache) {
    const { kind, subresource, namespace, name, user } = request;
    const ask = askAs(authorizer, user, kind.version);
    this.#request = request;
    this.#object = fromJson(request.object ?? null);
    this.#fixed = {
      oldObject: fromJson(request.old ?? null),
      request: fromJson(requestDocument(request), requestType),
      namespaceObject: fromJson(namespaceOf(request, cache) ?? null),
      authorizer: new AuthorizerValue(ask),
      "authorizer.requestResource": new ResourceCheck(ask, {
        verb: "",
        group: kind.group,
        resource: kind.resource,
        subresource,
        namespace,
        name,
      }),
    };
  }

  /** The object has been changed. */
  renew(): void {
    this.#object = fromJson(this.#request.object ?? null);
  }

  all(): Record<string, CelValue> {
    return { ...this.#fixed, object: this.#object };
  }
}

function askAs(authorizer: Authorizer, user: User, version: string): AskAuthorizer {
  return ({ verb, path, group, resource, subresource, namespace, name, serviceAccount }) => {
    const who = serviceAccount ? serviceAccountUser(serviceAccount) : user;
    const attributes =
      path === undefined
        ? ({ isResource: true, verb, group, version, resource, subresource, namespace, name } as const)
        : ({ isResource: false, verb, path } as const);
    const decision = authorizer.authorize(who, attributes);
    return { allowed: decision?.allowed ?? false, reason: decision?.reason ?? "" };
  };
}

function serviceAccountUser({ namespace, name }: { namespace: string; name: string }): User {
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    groups: ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"],
  };
}
