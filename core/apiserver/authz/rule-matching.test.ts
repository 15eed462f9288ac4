import { describe, expect, it } from "vitest";
import type { PolicyRule } from "./rbac-types.ts";
import { ruleAllows, rulesCover, subjectMatches } from "./rule-matching.ts";

const pods: PolicyRule = { verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"] };

function asked(
  verb: string,
  resource: string,
  more: { name?: string; group?: string } = {},
): Parameters<typeof ruleAllows>[1] {
  const [plain = "", subresource = ""] = resource.split("/");
  return {
    isResource: true,
    verb,
    group: more.group ?? "",
    version: "v1",
    resource: plain,
    subresource,
    namespace: "a",
    name: more.name ?? "",
  };
}

describe("a rule", () => {
  it("allows what it names and nothing beside it", () => {
    expect(ruleAllows(pods, asked("get", "pods"))).toBe(true);
    expect(ruleAllows(pods, asked("get", "pods/log"))).toBe(true);
    expect(ruleAllows(pods, asked("delete", "pods"))).toBe(false);
    expect(ruleAllows(pods, asked("get", "pods/exec"))).toBe(false);
    expect(ruleAllows(pods, asked("get", "pods", { group: "metrics.k8s.io" }))).toBe(false);
  });

  it("that names objects allows those alone, and no list", () => {
    const named = { ...pods, resourceNames: ["web"] };
    expect(ruleAllows(named, asked("get", "pods", { name: "web" }))).toBe(true);
    expect(ruleAllows(named, asked("get", "pods", { name: "other" }))).toBe(false);
    expect(ruleAllows(named, asked("list", "pods"))).toBe(false);
  });

  it("of a subresource of everything does not allow the things themselves", () => {
    const scale = { verbs: ["*"], apiGroups: ["*"], resources: ["*/scale"] };
    expect(ruleAllows(scale, asked("update", "deployments/scale", { group: "apps" }))).toBe(true);
    expect(ruleAllows(scale, asked("update", "deployments", { group: "apps" }))).toBe(false);
  });

  it("of paths allows below a star and not beside it", () => {
    const paths = { verbs: ["get"], nonResourceURLs: ["/healthz/*"] };
    expect(ruleAllows(paths, { isResource: false, verb: "get", path: "/healthz/ping" })).toBe(true);
    expect(ruleAllows(paths, { isResource: false, verb: "get", path: "/metrics" })).toBe(false);
    const exact = { verbs: ["get"], nonResourceURLs: ["/healthz"] };
    expect(ruleAllows(exact, { isResource: false, verb: "get", path: "/healthz" })).toBe(true);
    expect(ruleAllows(exact, { isResource: false, verb: "get", path: "/healthz/ping" })).toBe(false);
  });
});

describe("a subject", () => {
  const user = { name: "system:serviceaccount:a:robot", groups: ["system:serviceaccounts:a"] };

  it("that is a service account is the one of its namespace", () => {
    expect(subjectMatches({ kind: "ServiceAccount", name: "robot" }, user, "a")).toBe(true);
    expect(subjectMatches({ kind: "ServiceAccount", name: "robot", namespace: "b" }, user, "a")).toBe(false);
  });

  it("of an unknown kind is nobody", () => {
    for (const name of [user.name, "robot", "system:serviceaccounts:a"])
      expect(subjectMatches({ kind: "Robot", name }, user, "a")).toBe(false);
  });
});

describe("rules that are held", () => {
  it("cover together what none covers alone", () => {
    const held = [
      { verbs: ["get"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["list"], apiGroups: [""], resources: ["pods"] },
    ];
    expect(rulesCover(held, { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] })).toBe(true);
    expect(rulesCover(held, { verbs: ["get", "watch"], apiGroups: [""], resources: ["pods"] })).toBe(false);
  });

  it("of one object do not cover all of its kind", () => {
    const held = [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["mine"] }];
    expect(rulesCover(held, { verbs: ["get"], apiGroups: [""], resources: ["secrets"] })).toBe(false);
  });

  it("of plain resources do not cover all of them", () => {
    const held = [{ verbs: ["*"], apiGroups: [""], resources: ["pods"] }];
    expect(rulesCover(held, { verbs: ["get"], apiGroups: [""], resources: ["*"] })).toBe(false);
  });
});
