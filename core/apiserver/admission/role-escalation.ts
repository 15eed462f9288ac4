import { deepEqual } from "../../api/index.ts";
import type { Authorizer } from "../authz/authorizer.ts";
import type { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import type { BindingObject, PolicyRule, RoleObject } from "../authz/rbac-types.ts";
import { shownRules } from "../authz/shown-rules.ts";
import { rulesCover, uncovered } from "../authz/rule-matching.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { User } from "../request/request.ts";
import { forbidden, notFound } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

const group = "rbac.authorization.k8s.io";

/** Nobody hands out rights he does not have, unless he holds `escalate` on roles or `bind` on the role. */
export function roleEscalation(rbac: RbacAuthorizer, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "RoleEscalation",
    validate(request) {
      const { operation, kind, object, old, user } = request;
      if (kind.group !== group || operation === "DELETE" || !object) return;
      if (user.groups.includes("system:masters")) return;
      const isRole = kind.kind === "Role" || kind.kind === "ClusterRole";
      if (old && deepEqual(essence(object), essence(old))) return;
      if (isRole) {
        if (holds(authorizer, request, "escalate", kind.resource, request.name)) return;
        const [role, former] = [object, old] as unknown as [RoleObject, RoleObject | undefined];
        if (!deepEqual(role.aggregationRule, former?.aggregationRule)) demandEverything(rbac, request);
        refuse(rbac, request, role.rules ?? []);
        return;
      }
      const { roleRef } = object as unknown as BindingObject;
      const resource = roleRef.kind === "ClusterRole" ? "clusterroles" : "roles";
      if (holds(authorizer, request, "bind", resource, roleRef.name)) return;
      const rules = rbac.roleRules(roleRef.kind, roleRef.name, request.namespace);
      if (!rules) throw notFound(request.kind, roleRef.name);
      refuse(rbac, request, rules);
    },
  };
}

/**
 * All of an object but what others need to take it away: who holds it and to whom it belongs. A label is enough to hand its
 * rules on, as other roles may gather them.
 */
function essence({ metadata, ...rest }: Draft): unknown {
  const { finalizers: _f, ownerReferences: _o, managedFields: _m, resourceVersion: _r, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

const everything: readonly PolicyRule[] = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];

/** Of who changes what a role gathers: it may be anything, now or later. */
function demandEverything(rbac: RbacAuthorizer, { kind, user, namespace, name }: AdmissionRequest): void {
  const held = rbac.rulesFor(user, namespace);
  if (everything.every((rule) => rulesCover(held, rule))) return;
  throw forbidden(kind, name, "must have cluster-admin privileges to use the aggregationRule");
}

function holds(
  authorizer: Authorizer,
  { user, namespace }: { user: User; namespace: string },
  verb: string,
  resource: string,
  name: string,
): boolean {
  const asked = {
    isResource: true as const,
    verb,
    group,
    version: "v1",
    resource,
    subresource: "",
    namespace,
    name,
  };
  return authorizer.authorize(user, asked)?.allowed ?? false;
}

function refuse(
  rbac: RbacAuthorizer,
  { kind, user, namespace, name }: AdmissionRequest,
  rules: PolicyRule[],
): void {
  const held = rbac.rulesFor(user, namespace);
  const missing = rules.flatMap((rule) => uncovered(held, rule));
  if (missing.length === 0) return;
  const groups = user.groups.map((one) => JSON.stringify(one)).join(" ");
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${shownRules(missing).join("\n")}`;
  throw forbidden(kind, name, why);
}
