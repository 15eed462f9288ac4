import { describe, expect, test } from "vitest";
import type { Attributes, Authorizer } from "../authz/authorizer.ts";
import type { User } from "../request/request.ts";
import { ImpersonationModes } from "./impersonation-modes.ts";

const listPods: Attributes = {
  isResource: true,
  verb: "list",
  group: "",
  version: "v1",
  resource: "pods",
  subresource: "",
  namespace: "d",
  name: "",
};
const ann: User = { name: "ann", groups: [] };
const bob: User = { name: "bob", groups: [] };
const node: User = { name: "system:node:n1", groups: [] };
const robot: User = { name: "system:serviceaccount:d:robot", groups: [] };

/** Whoever holds one of these: `VERB RESOURCE[/SUBRESOURCE] NAME`. */
function holder(...rights: string[]): Authorizer & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: "a test",
    asked,
    authorize(_, attributes) {
      if (!attributes.isResource) return undefined;
      const { verb, resource, subresource, name } = attributes;
      const right = `${verb} ${resource}${subresource === "" ? "" : `/${subresource}`} ${name}`.trimEnd();
      asked.push(right);
      return rights.includes(right) ? { allowed: true, reason: "" } : undefined;
    },
  };
}

const become = (authorizer: Authorizer, wanted: User, requestor = ann): User =>
  new ImpersonationModes(authorizer).become(wanted, requestor, listPods);

describe("by a constrained right", () => {
  test.each([
    [bob, ["impersonate-on:user-info:list pods", "impersonate:user-info users bob"], []],
    [
      robot,
      ["impersonate-on:serviceaccount:list pods", "impersonate:serviceaccount serviceaccounts robot"],
      ["system:serviceaccounts", "system:serviceaccounts:d"],
    ],
    [
      node,
      ["impersonate-on:arbitrary-node:list pods", "impersonate:arbitrary-node nodes n1"],
      ["system:nodes"],
    ],
  ])("%j is impersonated with two rights and no fewer", (wanted, rights, groups) => {
    expect(become(holder(...rights), wanted)).toEqual({ ...wanted, groups });
    for (const right of rights)
      expect(() => become(holder(right), wanted)).toThrow(rights.find((one) => one !== right)!.split(" ")[0]);
  });

  test("an account becomes the node that it is on, with a right to all of them, and no other node", () => {
    const rights = ["impersonate-on:associated-node:list pods", "impersonate:associated-node nodes *"];
    const agent = { ...robot, extra: { "authentication.kubernetes.io/node-name": ["n1"] } };
    expect(become(holder(...rights), node, agent).groups).toEqual(["system:nodes"]);
    expect(() => become(holder(...rights), { ...node, name: "system:node:n2" }, agent)).toThrow(
      "cannot impersonate-on:arbitrary-node:list",
    );
    expect(() => become(holder(...rights), node, { ...agent, name: "ann" })).toThrow("cannot");
  });

  test("nodes and accounts have nothing but their names", () => {
    const all: Authorizer = {
      name: "all but one",
      authorize: (_, { verb }) => (verb === "impersonate" ? undefined : { allowed: true, reason: "" }),
    };
    for (const wanted of [node, robot]) {
      expect(become(all, wanted).name).toBe(wanted.name);
      expect(() => become(all, { ...wanted, groups: ["g"] })).toThrow("cannot impersonate resource");
    }
  });

  test.each([
    [{ groups: ["system:masters"] }, "impersonating the system:masters group is not allowed"],
    [{ groups: [""] }, "impersonating the empty string group is not allowed"],
    [{ extra: { scopes: ["a"] } }, "must be a domain-prefixed path"],
    [{ extra: { "A.io/x": ["a"] } }, "a lowercase RFC 1123 subdomain must consist"],
    [{ extra: { "a.io/X": ["a"] } }, 'a non-lowercase key in extra is not allowed: "a.io/X"'],
    [{ extra: { "a.io/x": [""] } }, "impersonating the empty string value in extra is not allowed"],
  ])("nobody becomes a user with %j", (more, why) => {
    const rights = ["impersonate-on:user-info:list pods", "impersonate:user-info users bob"];
    expect(() => become(holder(...rights), { ...bob, ...more })).toThrow(why);
  });

  test("many groups or values are asked for at once", () => {
    const rights = [
      "impersonate-on:user-info:list pods",
      "impersonate:user-info users bob",
      "impersonate:user-info groups *",
      "impersonate:user-info userextras/* *",
    ];
    const wanted = { ...bob, groups: ["a", "b", "c", "d"], extra: { "a.io/x": ["1", "2", "3", "4"] } };
    const authorizer = holder(...rights);
    expect(become(authorizer, wanted)).toEqual(wanted);
    expect(authorizer.asked).toEqual(rights);
    expect(() => become(holder(...rights), { ...wanted, groups: ["a"] })).toThrow(
      'groups.authentication.k8s.io "a"',
    );
  });
});

describe("of several ways", () => {
  test("the one that served last is tried first, and tells why not", () => {
    const authorizer = holder("impersonate users bob");
    const modes = new ImpersonationModes(authorizer);
    expect(() => modes.become({ ...bob, name: "eve" }, ann, listPods)).toThrow(
      "impersonate-on:user-info:list",
    );
    expect(modes.become(bob, ann, listPods)).toEqual(bob);
    authorizer.asked.length = 0;
    expect(modes.become(bob, ann, listPods)).toEqual(bob);
    expect(authorizer.asked).toEqual(["impersonate users bob"]);
    expect(() => modes.become({ ...bob, name: "eve" }, ann, listPods)).toThrow('users "eve" is forbidden');
  });
});
