import { expect, test } from "vitest";
import type { RequestInfo } from "../request/request-info.ts";
import { auditDecision, type AuditRule } from "./audit-policy.ts";

const user = { name: "ann", groups: ["a", "b"] };
const pods: RequestInfo = {
  ...{
    isResource: true as const,
    verb: "get",
    group: "",
    version: "v1",
    resource: "pods",
    subresource: "log",
  },
  ...{ namespace: "d", name: "web", rest: "" },
};
const path: RequestInfo = { isResource: false, verb: "get", path: "/healthz/ping" };
const levelOf = (rule: Omit<AuditRule, "level">, info: RequestInfo = pods): string =>
  auditDecision({ rules: [{ ...rule, level: "RequestResponse" }] }, user, info).level;

test.each<[string, Omit<AuditRule, "level">, Omit<AuditRule, "level">]>([
  ["users", { users: ["ann"] }, { users: ["bob"] }],
  ["groups", { userGroups: ["x", "b"] }, { userGroups: ["x"] }],
  ["verbs", { verbs: ["get"] }, { verbs: ["list"] }],
  ["namespaces", { namespaces: ["d"] }, { namespaces: ["", "e"] }],
  ["a resource", { resources: [{ resources: ["pods/log"] }] }, { resources: [{ resources: ["pods"] }] }],
  ["subresources", { resources: [{ resources: ["pods/*"] }] }, { resources: [{ resources: ["nodes/*"] }] }],
  ["one of all", { resources: [{ resources: ["*/log"] }] }, { resources: [{ resources: ["*/scale"] }] }],
  ["an API group", { resources: [{ group: "" }] }, { resources: [{ group: "apps" }] }],
  ["names", { resources: [{ resourceNames: ["web"] }] }, { resources: [{ resourceNames: ["db"] }] }],
  ["objects, and no paths", {}, { nonResourceURLs: ["*"] }],
])("a rule is about the requests that it names by %s, and about no others", (_, named, other) => {
  expect([levelOf(named), levelOf(other)]).toEqual(["RequestResponse", "None"]);
});

test("a rule about paths is about no objects, and one about objects about no paths", () => {
  for (const rule of [{ nonResourceURLs: ["/healthz*"] }, { nonResourceURLs: ["/healthz/ping"] }, {}])
    expect(levelOf(rule, path)).toBe("RequestResponse");
  for (const rule of [
    { nonResourceURLs: ["/healthz"] },
    { resources: [{ group: "" }] },
    { namespaces: [""] },
  ])
    expect(levelOf(rule, path)).toBe("None");
});

test("the first rule that fits decides, and no rule shows what is secret", () => {
  const rules: AuditRule[] = [
    { level: "None", users: ["bob"] },
    { level: "Metadata", verbs: ["get"] },
    { level: "RequestResponse" },
  ];
  expect(auditDecision({ rules }, user, pods).level).toBe("Metadata");
  expect(auditDecision({ rules }, user, { ...pods, verb: "list" }).level).toBe("RequestResponse");
  for (const [group, resource, subresource] of [
    ["", "secrets", ""],
    ["", "serviceaccounts", "token"],
    ["authentication.k8s.io", "tokenreviews", ""],
  ] as const)
    expect(levelOf({}, { ...pods, group, resource, subresource }), resource).toBe("Metadata");
});
