import { type LabelSelectorQuery, matchesLabels } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";

/** `rules` of a webhook, `resourceRules` of a policy. */
export interface AdmissionRule {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly scope?: string;
}

/** Whether a rule is about this request. */
export function matchesRule(rule: AdmissionRule, request: AdmissionRequest): boolean {
  const { operation, kind, name } = request;
  if (!names(rule.operations, operation) || !names(rule.apiGroups, kind.group)) return false;
  if (!names(rule.apiVersions, kind.version) || !matchesScope(rule.scope, request)) return false;
  if (rule.resourceNames && rule.resourceNames.length > 0 && !rule.resourceNames.includes(name)) return false;
  return (rule.resources ?? []).some((resource) => matchesResource(resource, request));
}

function names(list: readonly string[] | undefined, value: string): boolean {
  return list?.some((one) => one === "*" || one === value) ?? false;
}

/** `pods`, `pods/log`, `pods/*`, `*`, `*` with `/scale`. */
function matchesResource(pattern: string, { kind, subresource }: AdmissionRequest): boolean {
  const [resource, sub = ""] = pattern.split("/", 2);
  return (resource === "*" || resource === kind.resource) && (sub === "*" || sub === subresource);
}

/** A Namespace counts as cluster-wide, though requests for it carry its name as their namespace. */
function matchesScope(scope: string | undefined, { kind }: AdmissionRequest): boolean {
  if (scope === undefined || scope === "*" || scope === "") return true;
  return scope === (kind.namespaced ? "Namespaced" : "Cluster");
}

/** Labels of the object's namespace, or its own when it is one; anything else cluster-wide is always selected. */
export function matchesNamespace(
  selector: LabelSelectorQuery,
  request: AdmissionRequest,
  cache: WatchCache,
): boolean {
  if (selector.length === 0) return true;
  const { kind, object, old } = request;
  if (kind.group === "" && kind.kind === "Namespace")
    return matchesLabels(selector, (object ?? old)?.metadata.labels ?? {});
  if (!kind.namespaced) return true;
  return matchesLabels(selector, namespaceOf(request, cache)?.metadata.labels ?? {});
}

/** The Namespace that the object lies in; undefined for what lies in none. */
export function namespaceOf({ kind, namespace }: AdmissionRequest, cache: WatchCache): Draft | undefined {
  if (!kind.namespaced) return undefined;
  return cache.kind("/core/namespaces/").get(`/core/namespaces/${namespace}`)?.object<Draft>();
}

/** The object as it would be or as it was: either is enough. */
export function matchesObject(selector: LabelSelectorQuery, { object, old }: AdmissionRequest): boolean {
  if (selector.length === 0) return true;
  return [object, old].some((one) => one !== undefined && matchesLabels(selector, one.metadata.labels ?? {}));
}

const ownGroup = "admissionregistration.k8s.io";

/** What configures admission is never judged by what it configures: nobody can lock himself out. */
export function isAdmissionConfiguration({ kind }: AdmissionRequest): boolean {
  return kind.group === ownGroup;
}
