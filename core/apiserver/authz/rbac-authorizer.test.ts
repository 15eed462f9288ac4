import { beforeEach, describe, expect, it } from "vitest";
import { filledCache } from "../../../test/support/filled-cache.ts";
import { RbacAuthorizer } from "./rbac-authorizer.ts";

const group = "/rbac.authorization.k8s.io";
const reader = `${group}/roles/a/reader`;
const binding = {
  subjects: [{ kind: "User", name: "ann" }],
  roleRef: { apiGroup: group.slice(1), kind: "Role", name: "reader" },
};
const reads = { rules: [{ verbs: ["get"], apiGroups: [""], resources: ["pods"] }] };

let filled: ReturnType<typeof filledCache>;
let authorizer: RbacAuthorizer;
const may = (namespace: string, name = "ann"): boolean => {
  const asked = { verb: "get", group: "", version: "v1", resource: "pods", subresource: "", name: "p" };
  const user = { name, groups: [] };
  return authorizer.authorize(user, { isResource: true, ...asked, namespace })?.allowed ?? false;
};

beforeEach(() => {
  filled = filledCache({ [reader]: reads, [`${group}/rolebindings/a/b`]: binding });
  authorizer = new RbacAuthorizer(filled.cache);
});

describe("a binding", () => {
  it("gives in its namespace what its role allows, in no other, and not in all of them", () => {
    expect([may("a"), may("b"), may("")]).toEqual([true, false, false]);
    expect(may("a", "bob")).toBe(false);
  });

  it("gives nothing any more once it or its role is gone or changed", () => {
    expect(may("a")).toBe(true);
    filled.put(reader, { rules: [] });
    expect(may("a")).toBe(false);
    filled.put(reader, reads);
    expect(may("a")).toBe(true);
    filled.remove(`${group}/rolebindings/a/b`);
    expect(may("a")).toBe(false);
  });

  it("of a cluster role gives that in its own namespace alone, or everywhere when it is the cluster's", () => {
    const ref = { ...binding, roleRef: { ...binding.roleRef, kind: "ClusterRole" } };
    filled.put(`${group}/clusterroles/reader`, reads);
    filled.put(`${group}/rolebindings/c/b`, ref);
    expect([may("c"), may("b"), may("")]).toEqual([true, false, false]);
    filled.put(`${group}/clusterrolebindings/b`, ref);
    expect([may("c"), may("b"), may("")]).toEqual([true, true, true]);
  });
});

it("says which binding of which role to whom is the reason", () => {
  const [user, account] = [
    { kind: "User", name: "ann" },
    { kind: "ServiceAccount", name: "robot" },
  ];
  filled.put(`${group}/rolebindings/a/b`, { ...binding, subjects: [{ kind: "Group", name: "g" }, account] });
  filled.put(`${group}/clusterroles/reader`, reads);
  filled.put(`${group}/clusterrolebindings/all`, {
    subjects: [user, { ...account, namespace: "other" }],
    roleRef: { ...binding.roleRef, kind: "ClusterRole" },
  });
  const why = (name: string, groups: string[] = []): string | undefined => {
    const asked = { verb: "get", group: "", version: "v1", resource: "pods", subresource: "", name: "p" };
    return authorizer.authorize({ name, groups }, { isResource: true, ...asked, namespace: "a" })?.reason;
  };
  const everywhere = 'RBAC: allowed by ClusterRoleBinding "all" of ClusterRole "reader" to';
  expect(why("ann")).toBe(`${everywhere} User "ann"`);
  expect(why("system:serviceaccount:other:robot")).toBe(`${everywhere} ServiceAccount "robot/other"`);
  const here = 'RBAC: allowed by RoleBinding "b/a" of Role "reader" to';
  expect(why("bob", ["g"])).toBe(`${here} Group "g"`);
  expect(why("system:serviceaccount:a:robot")).toBe(`${here} ServiceAccount "robot/a"`);
  expect(why("bob")).toBeUndefined();
});

it("a binding of the whole cluster gives nothing to a service account whose namespace it does not say", () => {
  filled.put(`${group}/clusterroles/reader`, reads);
  filled.put(`${group}/clusterrolebindings/all`, {
    subjects: [{ kind: "ServiceAccount", name: "robot", namespace: "" }],
    roleRef: { ...binding.roleRef, kind: "ClusterRole" },
  });
  expect([may("a", "system:serviceaccount::robot"), may("a", "system:serviceaccount:a:robot")]).toEqual([
    false,
    false,
  ]);
});
