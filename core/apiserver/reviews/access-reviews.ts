import { namedType } from "../../api/index.ts";
import type { Attributes, Authorizer } from "../authz/authorizer.ts";
import type { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import { readNamed } from "../registry/request-object.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Reply, ServerRequest, User } from "../request/request.ts";
import { badRequest } from "../request/status-error.ts";

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
    throw badRequest("spec.user: Invalid value: at least one of user or group must be specified");
  const user: User = self
    ? request.user
    : { name: spec.user ?? "", groups: spec.groups ?? [], ...(spec.extra ? { extra: spec.extra } : {}) };
  const asked = attributesOf(spec, kind === "LocalSubjectAccessReview" ? info.namespace : undefined);
  const decision = authorizer.authorize(user, asked);
  const status = { allowed: decision?.allowed ?? false, ...(decision ? { reason: decision.reason } : {}) };
  return {
    kind: "object",
    status: 201,
    value: { kind, apiVersion: group, metadata: body.metadata ?? {}, spec, status },
  };
}

function attributesOf(spec: ReviewSpec, namespace: string | undefined): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if ((resource === undefined) === (path === undefined))
    throw badRequest("spec: exactly one of nonResourceAttributes or resourceAttributes must be specified");
  if (path) return { isResource: false, verb: path.verb ?? "", path: path.path ?? "" };
  if (namespace !== undefined && resource?.namespace !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace: must match metadata.namespace: ${namespace}`);
  return {
    isResource: true,
    verb: resource?.verb ?? "",
    group: resource?.group ?? "",
    version: resource?.version ?? "*",
    resource: resource?.resource ?? "",
    subresource: resource?.subresource ?? "",
    namespace: resource?.namespace ?? "",
    name: resource?.name ?? "",
  };
}

/** Everything the caller may do in a namespace: `kubectl auth can-i --list`. */
export async function reviewRules(request: ServerRequest, rbac: RbacAuthorizer): Promise<Reply> {
  const kind = "SelfSubjectRulesReview";
  const body = await readNamed<{ spec?: { namespace?: string } }>(request, namedType(group, kind)!);
  const { user } = request;
  const rules = user.groups.includes("system:masters")
    ? [
        { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
        { verbs: ["*"], nonResourceURLs: ["*"] },
      ]
    : rbac.rulesFor(user, body.spec?.namespace ?? "");
  return {
    kind: "object",
    status: 201,
    value: {
      kind,
      apiVersion: group,
      metadata: {},
      spec: body.spec ?? {},
      status: {
        resourceRules: rules.filter((rule) => rule.resources),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs),
        incomplete: false,
      },
    },
  };
}
