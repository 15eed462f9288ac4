import { expect, test } from "vitest";
import { rolesOf } from "./roles-of.ts";

test("roles are read with their rules", () => {
  const text =
    "\none\n  get,list core,apps pods,deployments\n  update core configmaps a,b\n\ntwo\n  get at /version,/livez/*\n";
  expect([...rolesOf(text)]).toEqual([
    [
      "one",
      [
        { verbs: ["get", "list"], apiGroups: ["", "apps"], resources: ["pods", "deployments"] },
        { verbs: ["update"], apiGroups: [""], resources: ["configmaps"], resourceNames: ["a", "b"] },
      ],
    ],
    ["two", [{ verbs: ["get"], nonResourceURLs: ["/version", "/livez/*"] }]],
  ]);
});

test("a rule belongs to a role", () => {
  expect(() => rolesOf("  get core pods")).toThrow("no role is named before get core pods");
});
