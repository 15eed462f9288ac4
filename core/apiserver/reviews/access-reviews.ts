import { type FieldRequirement, namedType, readFieldSelector } from "../../api/index.ts";
import type { Attributes, Authorizer } from "../authz/authorizer.ts";
import type { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import { readNamed } from "../registry/request-object.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Reply, ServerRequest, User } from "../request/request.ts";
import { badRequest, invalid, type StatusError } from "../request/status-error.ts";

interface SelectorRequirement {
  key?: string;
  operator?: string;
  values?: string[];
}

interface ReviewSpec {
  user?: string;
  groups?: string[];
  uid?: string;
  extra?: Record<string, string[]>;
  namespace?: string;
  resourceAttributes?: {
    namespace?: string;
    verb?: string;
    group?: string;
    version?: string;
    resource?: string;
    subresource?: string;
    name?: string;
    fieldSelector?: { rawSelector?: string; requirements?: SelectorRequirement[] };
  };
  nonResourceAttributes?: { path?: string; verb?: string };
}

const group = "authorization.k8s.io/v1";

/** Answers the SubjectAccessReview family: "may he do that?" */
export async function reviewAccess(
  kind: string,
  request: ServerRequest,
  info: ResourceRequest,
  authorizer: Authorizer,
): Promise<Reply> {
  const body = await readNamed<{ spec?: ReviewSpec; metadata?: object }>(request, namedType(group, kind)!);
  const spec = body.spec ?? {};
  const self = kind === "SelfSubjectAccessReview";
  if (!self && !spec.user && (spec.groups ?? []).length === 0)
    throw invalidReview(
      kind,
      "spec.user",
      'Invalid value: "": at least one of user or group must be specified',
    );
  const user: User = self
    ? request.user
    : { name: spec.user ?? "", groups: spec.groups ?? [], ...(spec.extra ? { extra: spec.extra } : {}) };
  const asked = attributesOf(kind, spec, info.namespace);
  const decision = authorizer.authorize(user, asked);
  const status = { allowed: decision?.allowed ?? false, ...(decision ? { reason: decision.reason } : {}) };
  return {
    kind: "object",
    status: 201,
    value: { kind, apiVersion: group, metadata: body.metadata ?? {}, spec, status },
  };
}

function attributesOf(kind: string, spec: ReviewSpec, namespace: string): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const isLocal = kind === "LocalSubjectAccessReview";
  if (isLocal && path)
    throw invalidReview(
      kind,
      "spec.nonResourceAttributes",
      "Invalid value: disallowed on this kind of request",
    );
  if ((resource === undefined) === (path === undefined))
    throw invalidReview(
      kind,
      "spec.resourceAttributes",
      "Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified",
    );
  if (path) return { isResource: false, verb: path.verb ?? "", path: path.path ?? "" };
  if (isLocal && resource?.namespace !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace: must match metadata.namespace: ${namespace}`);
  const { rawSelector, requirements } = resource?.fieldSelector ?? {};
  return {
    isResource: true,
    verb: resource?.verb ?? "",
    group: resource?.group ?? "",
    version: resource?.version ?? "*",
    resource: resource?.resource ?? "",
    subresource: resource?.subresource ?? "",
    namespace: resource?.namespace ?? "",
    name: resource?.name ?? "",
    fields: requirements ? requirements.flatMap(fieldOf) : readFieldSelector(rawSelector ?? ""),
  };
}

/** Only what pins one value narrows what is asked for. */
function fieldOf({ key = "", operator, values = [] }: SelectorRequirement): FieldRequirement[] {
  const [value, ...others] = values;
  return operator === "In" && value !== undefined && others.length === 0
    ? [{ field: key, equal: true, value }]
    : [];
}

function invalidReview(kind: string, field: string, message: string): StatusError {
  const of = { group: "authorization.k8s.io", resource: kind, kind };
  return invalid(of, "", [{ reason: "FieldValueInvalid", field, message }]);
}

/** Everything the caller may do in a namespace: `kubectl auth can-i --list`. */
export async function reviewRules(request: ServerRequest, rbac: RbacAuthorizer): Promise<Reply> {
  const kind = "SelfSubjectRulesReview";
  const body = await readNamed<{ spec?: { namespace?: string } }>(request, namedType(group, kind)!);
  const { user } = request;
  if (!body.spec?.namespace) throw badRequest("no namespace on request");
  const rules = user.groups.includes("system:masters")
    ? [
        { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
        { verbs: ["*"], nonResourceURLs: ["*"] },
      ]
    : rbac.rulesFor(user, body.spec.namespace);
  return {
    kind: "object",
    status: 201,
    value: {
      kind,
      apiVersion: group,
      metadata: {},
      spec: body.spec,
      status: {
        resourceRules: rules.filter((rule) => rule.resources),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs),
        incomplete: false,
      },
    },
  };
}
