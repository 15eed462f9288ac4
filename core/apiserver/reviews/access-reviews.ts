import { type FieldRequirement, namedType, readFieldSelector } from "../../api/index.ts";
import type { Attributes, Authorizer } from "../authz/authorizer.ts";
import { nodeNameOf } from "../authz/node-authorizer.ts";
import type { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import { readNamed } from "../registry/request-object.ts";
import type { ResourceRequest } from "../request/request-info.ts";
import type { Reply, ServerRequest, User } from "../request/request.ts";
import { badRequest, invalid } from "../request/status-error.ts";
import { ownedBy } from "./review-owner.ts";
import {
  localProblems,
  metadataProblems,
  questionProblems,
  type ReviewSpec,
  type SelectorRequirement,
  subjectProblems,
} from "./review-spec.ts";

const group = "authorization.k8s.io/v1";

/** Answers the SubjectAccessReview family: "may he do that?" */
export async function reviewAccess(
  kind: string,
  request: ServerRequest,
  info: ResourceRequest,
  authorizer: Authorizer,
  now: number,
): Promise<Reply> {
  const named = namedType(group, kind)!;
  const body = await readNamed<{ spec?: ReviewSpec; metadata?: { namespace?: string } }>(request, named);
  const spec = body.spec ?? {};
  const self = kind === "SelfSubjectAccessReview";
  const isLocal = kind === "LocalSubjectAccessReview";
  const metadata = {
    ...placed(body.metadata ?? {}, isLocal ? info.namespace : undefined),
    ...ownedBy(request, named, body, now),
  };
  const wrong = [
    ...questionProblems(spec),
    ...(self ? [] : subjectProblems(spec)),
    ...metadataProblems(metadata, isLocal ? "namespace" : ""),
    ...(isLocal ? localProblems(spec, info.namespace) : []),
  ];
  if (wrong.length > 0) throw invalid({ group: "authorization.k8s.io", resource: "", kind: "" }, "", wrong);
  const user: User = self
    ? request.user
    : { name: spec.user ?? "", groups: spec.groups ?? [], ...(spec.extra ? { extra: spec.extra } : {}) };
  const decision = authorizer.authorize(user, attributesOf(spec));
  const reason = decision?.reason ?? "";
  const status = { allowed: decision?.allowed ?? false, ...(reason === "" ? {} : { reason }) };
  return { kind: "object", status: 201, value: { kind, apiVersion: group, metadata, spec, status } };
}

/** What a review says of itself, put where it was sent. @throws StatusError 400 when it says another place */
function placed(metadata: { namespace?: string }, namespace: string | undefined): object {
  const { namespace: said, ...rest } = metadata;
  if (namespace === undefined) return rest;
  if (said && said !== namespace)
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  return { ...rest, namespace };
}

function attributesOf({ resourceAttributes: resource, nonResourceAttributes: path }: ReviewSpec): Attributes {
  if (path) return { isResource: false, verb: path.verb ?? "", path: path.path ?? "" };
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

/** Everything the caller may do in a namespace: `kubectl auth can-i --list`. */
export async function reviewRules(request: ServerRequest, rbac: RbacAuthorizer): Promise<Reply> {
  const kind = "SelfSubjectRulesReview";
  const body = await readNamed<{ spec?: { namespace?: string } }>(request, namedType(group, kind)!);
  const { user } = request;
  if (!body.spec?.namespace) throw badRequest("no namespace on request");
  const everything = [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ];
  const rules = [
    ...(user.groups.includes("system:masters") ? everything : []),
    ...rbac.rulesFor(user, body.spec.namespace),
  ];
  const isNode = nodeNameOf(user) !== undefined;
  return {
    kind: "object",
    status: 201,
    value: {
      kind,
      apiVersion: group,
      metadata: {},
      spec: {},
      status: {
        resourceRules: rules.filter((rule) => rule.resources),
        nonResourceRules: rules.filter((rule) => rule.nonResourceURLs),
        incomplete: isNode,
        // What a node may do is decided object by object.
        ...(isNode && { evaluationError: "node authorizer does not support user rule resolution" }),
      },
    },
  };
}
