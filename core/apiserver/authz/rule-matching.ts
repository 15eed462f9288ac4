import type { User } from "../request/request.ts";
import type { Attributes } from "./authorizer.ts";
import type { PolicyRule, Subject } from "./rbac-types.ts";

/** Whether one rule allows what is asked. */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!holds(rule.verbs, asked.verb)) return false;
  if (!asked.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, asked.path));
  if (!holds(rule.apiGroups ?? [], asked.group)) return false;
  if (
    !(rule.resources ?? []).some((resource) => resourceMatches(resource, asked.resource, asked.subresource))
  )
    return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(asked.name);
}

function holds(list: readonly string[], value: string): boolean {
  return list.includes("*") || list.includes(value);
}

function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  if (pattern === "*") return true;
  if (subresource === "") return pattern === resource;
  return pattern === `${resource}/${subresource}` || pattern === `*/${subresource}`;
}

function urlMatches(pattern: string, path: string): boolean {
  if (pattern === "*" || pattern === path) return true;
  return pattern.endsWith("*") && path.startsWith(pattern.slice(0, -1));
}

const serviceAccountPrefix = "system:serviceaccount:";

export function subjectMatches(subject: Subject, user: User, bindingNamespace: string): boolean {
  if (subject.kind === "User") return subject.name === user.name;
  if (subject.kind === "Group") return user.groups.includes(subject.name);
  if (subject.kind !== "ServiceAccount") return false;
  const namespace = subject.namespace || bindingNamespace;
  return namespace !== "" && user.name === `${serviceAccountPrefix}${namespace}:${subject.name}`;
}

/** As reasons name it, a service account with its namespace behind it. */
export function describeSubject(subject: Subject, bindingNamespace: string): string {
  const where = subject.kind === "ServiceAccount" ? `/${subject.namespace || bindingNamespace}` : "";
  return `${subject.kind} "${subject.name}${where}"`;
}

/** Whether `held` rules together allow everything `wanted` allows: nobody may hand out more than he has. */
export function rulesCover(held: readonly PolicyRule[], wanted: PolicyRule): boolean {
  return uncovered(held, wanted).length === 0;
}

/** What `wanted` allows beyond the `held` rules, each by itself: one verb on one resource or path. */
export function uncovered(held: readonly PolicyRule[], wanted: PolicyRule): PolicyRule[] {
  return expand(wanted).filter((probe) => !held.some((rule) => coversOne(rule, probe)));
}

function expand(rule: PolicyRule): PolicyRule[] {
  const out: PolicyRule[] = [];
  for (const verb of rule.verbs) {
    for (const url of rule.nonResourceURLs ?? []) out.push({ verbs: [verb], nonResourceURLs: [url] });
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const names = rule.resourceNames ?? [];
        const base = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if (names.length === 0) out.push(base);
        for (const name of names) out.push({ ...base, resourceNames: [name] });
      }
    }
  }
  return out;
}

function coversOne(held: PolicyRule, probe: PolicyRule): boolean {
  if (!holds(held.verbs, probe.verbs[0]!)) return false;
  const url = probe.nonResourceURLs?.[0];
  if (url !== undefined) return (held.nonResourceURLs ?? []).some((pattern) => urlMatches(pattern, url));
  const [resource = "", subresource = ""] = (probe.resources?.[0] ?? "").split("/");
  const names = held.resourceNames ?? [];
  const name = probe.resourceNames?.[0];
  return (
    holds(held.apiGroups ?? [], probe.apiGroups?.[0] ?? "") &&
    (held.resources ?? []).some(
      (pattern) => pattern === probe.resources?.[0] || resourceMatches(pattern, resource, subresource),
    ) &&
    (names.length === 0 || (name !== undefined && names.includes(name)))
  );
}
