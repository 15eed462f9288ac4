import { allowEverywhere, type Rule, rule } from "../as-user.ts";
import type { Exchange, Scenario } from "../exchange.ts";

const reviews = "authentication.k8s.io";
const whoAmI: Exchange = {
  path: `/apis/${reviews}/v1/selfsubjectreviews`,
  body: { apiVersion: `${reviews}/v1`, kind: "SelfSubjectReview" },
};

/** A service account that may do no more than impersonate, and what it does as others by its own token. */
function impersonator(
  name: string,
  rules: Rule[],
  wanted: Record<string, string>[],
  asked = whoAmI,
): Scenario {
  return {
    name,
    exchanges: [
      ...allowEverywhere("system:serviceaccount:{ns}:default", `impersonator-{ns}`, ...rules),
      {
        path: "/api/v1/namespaces/{ns}/serviceaccounts/default/token",
        body: { apiVersion: `${reviews}/v1`, kind: "TokenRequest", spec: {} },
        take: { token: "status.token" },
      },
      ...wanted.map((headers) => ({
        ...asked,
        headers: {
          Authorization: "Bearer {token}",
          ...Object.fromEntries(Object.entries(headers).map(([key, value]) => [`Impersonate-${key}`, value])),
        },
      })),
    ],
  };
}

const create = "create selfsubjectreviews authentication.k8s.io";
const on = (mode: string): Rule => rule(create.replace("create", `impersonate-on:${mode}:create`));
const to = (mode: string, resources: string, names?: string): Rule =>
  rule(`impersonate:${mode} ${resources} ${reviews}${names === undefined ? "" : ` ${names}`}`);
const node = { User: "system:node:n1" };
const robot = { User: "system:serviceaccount:d:robot" };
const bob = { User: "bob" };

const everybody: Record<string, string>[] = [
  bob,
  robot,
  node,
  { User: "system:node:Not_A_Node" },
  { User: "system:serviceaccount:d:Not_One" },
  { User: "system:anonymous" },
  { ...bob, Group: "dev" },
  { ...bob, Group: "system:masters" },
  { ...bob, Group: "" },
  { ...bob, Uid: "7" },
  { ...bob, "Extra-team": "red" },
  { ...bob, "Extra-acme.io%2fteam": "red" },
  { ...bob, "Extra-acme.io%2fTeam": "red" },
  { ...bob, "Extra-acme_io%2fteam": "red" },
  { ...bob, "Extra-acme.io%2fte%20am": "red" },
  { ...bob, "Extra-acme.io%2fteam": "" },
  { ...robot, Group: "dev" },
  { ...node, Group: "system:nodes" },
  { ...node, Uid: "7" },
  { Group: "dev" },
];

export const scenarios: readonly Scenario[] = [
  impersonator("impersonation with no right", [], everybody),
  impersonator("impersonation by users alone", [rule("impersonate users")], everybody),
  impersonator(
    "impersonation by the old right",
    [rule("impersonate users,groups,serviceaccounts"), rule(`impersonate uids,userextras/team ${reviews}`)],
    everybody,
  ),
  impersonator("impersonation of users", [on("user-info"), to("user-info", "users")], everybody),
  impersonator(
    "impersonation of users with all they have",
    [on("user-info"), to("user-info", "users,groups,uids,userextras/acme.io/team")],
    everybody,
  ),
  impersonator("impersonation of users for nothing", [to("user-info", "users")], everybody),
  impersonator(
    "impersonation of accounts",
    [on("serviceaccount"), to("serviceaccount", "serviceaccounts")],
    everybody,
  ),
  impersonator(
    "impersonation of nodes",
    [on("arbitrary-node"), to("arbitrary-node", "nodes", "n1")],
    [...everybody, { User: "system:node:n2" }],
  ),
  impersonator(
    "impersonation of the own node",
    [on("associated-node"), to("associated-node", "nodes")],
    everybody,
  ),
  impersonator(
    "impersonation for a list",
    [rule("impersonate-on:user-info:list configmaps"), to("user-info", "users")],
    [bob],
    { path: "/api/v1/namespaces/{ns}/configmaps" },
  ),
  impersonator(
    "impersonation for a path",
    [{ verbs: ["impersonate-on:user-info:get"], nonResourceURLs: ["/version"] }, to("user-info", "users")],
    [bob, robot],
    { path: "/nowhere" },
  ),
];
