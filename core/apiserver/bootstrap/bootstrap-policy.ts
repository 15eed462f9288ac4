import type { PolicyRule, Subject } from "../authz/rbac-types.ts";
import { aggregatedRoles } from "./policy/aggregated-roles.ts";
import { clusterRoles } from "./policy/cluster-roles.ts";
import { controllerRoles } from "./policy/controller-roles.ts";
import { namespaceRoles } from "./policy/namespace-roles.ts";
import { ownRoles } from "./policy/own-roles.ts";
import { rolesOf } from "./policy/roles-of.ts";

/** Roles that every cluster has; made when missing, and given back what they lack at every start. */
export interface BootstrapRole {
  readonly name: string;
  /** Absent in the cluster. */
  readonly namespace?: string;
  /** None where a controller puts them together. */
  readonly rules?: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Label whose bearers' rules this role takes over. */
  readonly aggregates?: string;
}

export interface BootstrapBinding {
  readonly name: string;
  /** Absent in the cluster. */
  readonly namespace?: string;
  readonly role: string;
  readonly subjects: readonly Subject[];
}

const apiGroup = "rbac.authorization.k8s.io";
const aggregate = (to: string): string => `${apiGroup}/aggregate-to-${to}`;
const controller = (name: string): string => `system:controller:${name}`;

const put = (to: string, bears?: string): BootstrapRole => ({
  name: to,
  aggregates: aggregate(to),
  ...(bears !== undefined && { labels: { [aggregate(bears)]: "true" } }),
});

export const bootstrapRoles: readonly BootstrapRole[] = [
  ...[...rolesOf(clusterRoles), ...rolesOf(ownRoles)].map(([name, rules]) => ({ name, rules })),
  put("admin"),
  put("edit", "admin"),
  put("view", "edit"),
  ...[...rolesOf(aggregatedRoles)].map(([name, rules]) => {
    const label = `${apiGroup}/${name.slice("system:".length)}`;
    return { name, rules, labels: { [label]: "true" } };
  }),
  ...[...rolesOf(controllerRoles)].map(([name, rules]) => ({ name: controller(name), rules })),
  ...[...rolesOf(namespaceRoles)].map(([path, rules]) => {
    const [namespace = "", name = ""] = path.split("/");
    return { namespace, name, rules };
  }),
];

const user = (name: string): Subject => ({ kind: "User", apiGroup, name });
const group = (name: string): Subject => ({ kind: "Group", apiGroup, name });
const account = (name: string): Subject => ({ kind: "ServiceAccount", name, namespace: "kube-system" });
/** Under the role's own name. */
const bind = (role: string, ...subjects: Subject[]): BootstrapBinding => ({ name: role, role, subjects });
const bindIn = (namespace: string, role: string, ...subjects: Subject[]): BootstrapBinding => ({
  ...bind(role, ...subjects),
  namespace,
});

const manager = user("system:kube-controller-manager");
const scheduler = user("system:kube-scheduler");
const authenticated = group("system:authenticated");
const joining = group("system:bootstrappers");
const nodeRequest = "system:certificates.k8s.io:certificatesigningrequests";

export const bootstrapBindings: readonly BootstrapBinding[] = [
  bind("cluster-admin", group("system:masters")),
  bind("system:basic-user", authenticated),
  bind("system:discovery", authenticated),
  bind("system:public-info-viewer", authenticated, group("system:unauthenticated")),
  bind("system:service-account-issuer-discovery", group("system:serviceaccounts")),
  bind("system:monitoring", group("system:monitoring")),
  // Nodes are authorized one by one.
  bind("system:node"),
  bind("system:node-proxier", user("system:kube-proxy")),
  bind("system:kube-dns", account("kube-dns")),
  bind("system:kube-scheduler", scheduler),
  bind("system:volume-scheduler", scheduler),
  bind("system:kube-controller-manager", manager),
  bind("berth:kube-controller-manager", manager),
  bind("berth:kube-scheduler", scheduler),
  ...[...rolesOf(controllerRoles).keys()].map((name) => bind(controller(name), account(name))),
  // What kubeadm binds, so that nodes may join.
  bind("system:node-bootstrapper", joining),
  { name: "system:node-autoapprove-bootstrap", role: `${nodeRequest}:nodeclient`, subjects: [joining] },
  {
    name: "system:node-autoapprove-certificate-rotation",
    role: `${nodeRequest}:selfnodeclient`,
    subjects: [group("system:nodes")],
  },
  bindIn("kube-public", controller("bootstrap-signer"), account("bootstrap-signer")),
  {
    namespace: "kube-system",
    name: "system::extension-apiserver-authentication-reader",
    role: "extension-apiserver-authentication-reader",
    subjects: [manager, scheduler],
  },
  bindIn(
    "kube-system",
    "system::leader-locking-kube-controller-manager",
    manager,
    account("kube-controller-manager"),
    account("leader-election-controller"),
  ),
  bindIn("kube-system", "system::leader-locking-kube-scheduler", scheduler, account("kube-scheduler")),
  ...["bootstrap-signer", "cloud-provider", "token-cleaner"].map((name) =>
    bindIn("kube-system", controller(name), account(name)),
  ),
];

/** Namespaces that are there from the start. */
export const bootstrapNamespaces = ["default", "kube-system", "kube-public", "kube-node-lease"] as const;

/** Priority classes that pods of the system name. */
export const bootstrapPriorityClasses = [
  {
    name: "system-cluster-critical",
    value: 2_000_000_000,
    description: "For what the cluster cannot be without.",
  },
  { name: "system-node-critical", value: 2_000_001_000, description: "For what a node cannot be without." },
] as const;
