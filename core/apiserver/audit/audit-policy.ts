import type { User } from "../request/request.ts";
import type { RequestInfo } from "../request/request-info.ts";
import type { AuditLevel, AuditStage } from "./audit-event.ts";

/** `audit.k8s.io/v1` Policy: the first rule that matches a request decides; without one nothing is written. */
export interface AuditPolicy {
  readonly rules: readonly AuditRule[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditRule {
  readonly level: AuditLevel;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly AuditResources[];
  /** "" is the cluster scope. */
  readonly namespaces?: readonly string[];
  /** `*` at the end stands for anything that follows. */
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly AuditStage[];
  readonly omitManagedFields?: boolean;
}

export interface AuditResources {
  readonly group?: string;
  /** `pods`, `pods/log`, `pods/*`, `*\/scale`, `*`. */
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

export interface AuditDecision {
  readonly level: AuditLevel;
  readonly omitStages: ReadonlySet<AuditStage>;
  readonly omitManagedFields: boolean;
}

/** Whose bodies are secrets: that they were used is written, never what they are. */
const secret: ReadonlySet<string> = new Set([
  "/secrets",
  "/serviceaccounts/token",
  "authentication.k8s.io/tokenreviews",
]);

const nothing: AuditDecision = { level: "None", omitStages: new Set(), omitManagedFields: false };

/** What is written about a request of this user. */
export function auditDecision(policy: AuditPolicy, user: User, info: RequestInfo): AuditDecision {
  const rule = policy.rules.find((one) => matches(one, user, info));
  if (!rule) return nothing;
  return {
    level: rule.level !== "None" && isSecret(info) ? "Metadata" : rule.level,
    omitStages: new Set([...(policy.omitStages ?? []), ...(rule.omitStages ?? [])]),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields ?? false,
  };
}

function isSecret(info: RequestInfo): boolean {
  if (!info.isResource) return false;
  const { group, resource, subresource } = info;
  return secret.has(`${group}/${resource}`) || secret.has(`${group}/${resource}/${subresource}`);
}

function matches(rule: AuditRule, user: User, info: RequestInfo): boolean {
  if (rule.users?.length && !rule.users.includes(user.name)) return false;
  if (rule.userGroups?.length && !rule.userGroups.some((group) => user.groups.includes(group))) return false;
  if (rule.verbs?.length && !rule.verbs.includes(info.verb)) return false;
  if (!info.isResource) {
    if (rule.resources?.length || rule.namespaces?.length) return false;
    return !rule.nonResourceURLs?.length || rule.nonResourceURLs.some((pattern) => fits(pattern, info.path));
  }
  if (rule.nonResourceURLs?.length) return false;
  if (rule.namespaces?.length && !rule.namespaces.includes(info.namespace)) return false;
  if (!rule.resources?.length) return true;
  return rule.resources.some(({ group = "", resources, resourceNames }) => {
    if (group !== info.group) return false;
    if (resources?.length && !resources.some((pattern) => coversResource(pattern, info))) return false;
    return !resourceNames?.length || resourceNames.includes(info.name);
  });
}

function fits(pattern: string, path: string): boolean {
  return pattern.endsWith("*") ? path.startsWith(pattern.slice(0, -1)) : pattern === path;
}

function coversResource(
  pattern: string,
  { resource, subresource }: { resource: string; subresource: string },
): boolean {
  if (pattern === "*") return true;
  const [of = "", sub = ""] = pattern.split("/");
  return (of === "*" || of === resource) && (sub === "*" ? true : sub === subresource);
}
