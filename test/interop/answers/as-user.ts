import type { Exchange } from "./exchange.ts";

/** What of another user is asked for beside his name. */
export interface Impersonated {
  readonly group?: string;
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, string>>;
}

/** The exchange as another user's, whom the administrator impersonates. */
export function as(
  user: string,
  exchange: Exchange,
  { group, uid, extra = {} }: Impersonated = {},
): Exchange {
  const headers = {
    "Impersonate-User": user,
    ...(group !== undefined && { "Impersonate-Group": group }),
    ...(uid !== undefined && { "Impersonate-Uid": uid }),
    ...Object.fromEntries(Object.entries(extra).map(([key, value]) => [`Impersonate-Extra-${key}`, value])),
  };
  return { ...exchange, headers: { ...exchange.headers, ...headers } };
}

const rbac = "rbac.authorization.k8s.io";
export const rbacPath = `/apis/${rbac}/v1`;

export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** `get,list pods,secrets [group [names]]`. */
export function rule(text: string): Rule {
  const [verbs = "", resources = "", group = "", names] = text.split(" ");
  return {
    verbs: verbs.split(","),
    apiGroups: [group],
    resources: resources.split(","),
    ...(names !== undefined && { resourceNames: names.split(",") }),
  };
}

export const role = (kind: "Role" | "ClusterRole", name: string, ...rules: Rule[]): object => ({
  apiVersion: `${rbac}/v1`,
  kind,
  metadata: { name },
  rules,
});

export const binding = (
  kind: "RoleBinding" | "ClusterRoleBinding",
  name: string,
  roleRef: string,
  user: string,
): object => {
  const [ofKind, ofName] = roleRef.split("/");
  return {
    apiVersion: `${rbac}/v1`,
    kind,
    metadata: { name },
    roleRef: { apiGroup: rbac, kind: ofKind, name: ofName },
    subjects: [{ apiGroup: rbac, kind: "User", name: user }],
  };
};

/** The server has heard of the rights. */
const learnt: Exchange = { path: "/healthz", pause: 200 };

/** Gives a user rights in the scenario's namespace. */
export function allow(user: string, name: string, ...rules: Rule[]): Exchange[] {
  return [
    { path: `${rbacPath}/namespaces/{ns}/roles`, body: role("Role", name, ...rules) },
    {
      path: `${rbacPath}/namespaces/{ns}/rolebindings`,
      body: binding("RoleBinding", name, `Role/${name}`, user),
    },
    learnt,
  ];
}

/** Gives a user rights everywhere; the name is the cluster's. */
export function allowEverywhere(user: string, name: string, ...rules: Rule[]): Exchange[] {
  return [
    { path: `${rbacPath}/clusterroles`, body: role("ClusterRole", name, ...rules) },
    {
      path: `${rbacPath}/clusterrolebindings`,
      body: binding("ClusterRoleBinding", name, `ClusterRole/${name}`, user),
    },
    learnt,
  ];
}
