import { describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { kinds } from "../../api/index.ts";
import { RbacAuthorizer } from "../authz/rbac-authorizer.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { AdmissionRequest } from "./admission.ts";
import { roleEscalation } from "./role-escalation.ts";

const group = "rbac.authorization.k8s.io";
const stored = `/${group}`;
const everything = [
  { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
  { verbs: ["*"], nonResourceURLs: ["*"] },
];
const reads = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
const binds = { verbs: ["bind"], apiGroups: [group], resources: ["clusterroles"], resourceNames: ["all"] };
const escalates = { verbs: ["escalate"], apiGroups: [group], resources: ["clusterroles"] };

function bound(role: string, user: string): object {
  return {
    subjects: [{ kind: "User", name: user }],
    roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
  };
}

const rbac = new RbacAuthorizer(
  filledCache({
    [`${stored}/clusterroles/all`]: { rules: everything },
    [`${stored}/clusterroles/reader`]: { rules: [reads] },
    [`${stored}/clusterroles/binder`]: { rules: [binds] },
    [`${stored}/clusterroles/escalator`]: { rules: [escalates] },
    [`${stored}/clusterrolebindings/admin`]: bound("all", "admin"),
    [`${stored}/clusterrolebindings/ann`]: bound("reader", "ann"),
    [`${stored}/clusterrolebindings/bea`]: bound("binder", "bea"),
    [`${stored}/clusterrolebindings/eve`]: bound("escalator", "eve"),
    [`${stored}/rolebindings/here/local`]: bound("all", "local"),
  }).cache,
);
const plugin = roleEscalation(rbac, rbac);

interface Asked {
  readonly user?: string;
  readonly groups?: string[];
  readonly namespace?: string;
  readonly old?: object;
}

/** Whether a user may write this. */
function writes(
  kind: string,
  object: object,
  { user = "ann", groups = [], namespace = "", old }: Asked = {},
) {
  const draft = (members: object): Draft => ({
    apiVersion: `${group}/v1`,
    kind,
    metadata: { name: "x" },
    ...members,
  });
  const request: AdmissionRequest = {
    operation: old ? "UPDATE" : "CREATE",
    kind: kinds.byKind(group, "v1", kind)!,
    subresource: "",
    namespace,
    name: "x",
    object: draft(object),
    ...(old ? { old: draft(old) } : {}),
    user: { name: user, groups },
    dryRun: false,
    warnings: [],
  };
  return (): void => void plugin.validate!(request);
}

const notHeld = "is attempting to grant RBAC permissions not currently held";

describe("a role", () => {
  it("holds no more than whoever writes it, unless he may escalate", () => {
    expect(writes("ClusterRole", { rules: [reads] })).not.toThrow();
    expect(writes("ClusterRole", { rules: everything })).toThrow(notHeld);
    expect(writes("ClusterRole", { rules: [{ ...reads, verbs: ["get", "list"] }] })).toThrow(notHeld);
    expect(writes("ClusterRole", { rules: everything }, { user: "eve" })).not.toThrow();
    expect(writes("ClusterRole", { rules: everything }, { user: "bea" })).toThrow(notHeld);
    expect(writes("ClusterRole", { rules: everything }, { groups: ["system:masters"] })).not.toThrow();
  });

  it("of one namespace is measured by what its writer may do there", () => {
    expect(writes("Role", { rules: [reads] }, { user: "local", namespace: "here" })).not.toThrow();
    expect(writes("Role", { rules: [reads] }, { user: "local", namespace: "there" })).toThrow(notHeld);
  });

  it("gathers others only by the will of who may do everything: nobody knows what those will be", () => {
    const gathering = { aggregationRule: { clusterRoleSelectors: [{}] } };
    const why = "must have cluster-admin privileges to use the aggregationRule";
    expect(writes("ClusterRole", gathering)).toThrow(why);
    expect(writes("ClusterRole", gathering, { user: "local" })).toThrow(why);
    expect(writes("ClusterRole", gathering, { user: "admin" })).not.toThrow();
    expect(writes("ClusterRole", gathering, { old: { rules: [reads] } })).toThrow(why);
    expect(writes("ClusterRole", { rules: [reads] }, { old: gathering })).toThrow(why);
    expect(writes("ClusterRole", { ...gathering, rules: [reads] }, { old: gathering })).not.toThrow();
  });

  it("that is more than its writer has gets no label from him, by which others would gather it", () => {
    const old = { rules: everything };
    const metadata = { name: "x", labels: { "rbac.authorization.k8s.io/aggregate-to-view": "true" } };
    expect(writes("ClusterRole", { ...old, metadata }, { old })).toThrow(notHeld);
    expect(writes("ClusterRole", { ...old, metadata }, { old, user: "admin" })).not.toThrow();
    const leaving = { name: "x", finalizers: [], resourceVersion: "2" };
    expect(writes("ClusterRole", { ...old, metadata: leaving }, { old })).not.toThrow();
  });
});

describe("a binding", () => {
  const roleRef = (name: string, kind = "ClusterRole"): object => ({
    roleRef: { apiGroup: group, kind, name },
    subjects: [{ kind: "User", name: "zoe" }],
  });

  it("hands out no more than whoever writes it has, unless he may bind that role", () => {
    expect(writes("ClusterRoleBinding", roleRef("reader"))).not.toThrow();
    expect(writes("ClusterRoleBinding", roleRef("all"))).toThrow(notHeld);
    expect(writes("ClusterRoleBinding", roleRef("all"), { user: "bea" })).not.toThrow();
    expect(writes("ClusterRoleBinding", roleRef("reader"), { user: "bea" })).toThrow(notHeld);
    expect(writes("ClusterRoleBinding", roleRef("all"), { user: "eve" })).toThrow(notHeld);
  });

  it("to others than before is handed out anew", () => {
    const old = roleRef("all");
    const other = { ...old, subjects: [{ kind: "User", name: "ann" }] };
    expect(writes("ClusterRoleBinding", other, { old })).toThrow(notHeld);
    expect(writes("ClusterRoleBinding", old, { old })).not.toThrow();
  });

  it("to a role that is not there is none", () => {
    expect(writes("ClusterRoleBinding", roleRef("nothing"))).toThrow("not found");
    expect(writes("RoleBinding", roleRef("reader", "Role"), { namespace: "here" })).toThrow("not found");
  });
});
