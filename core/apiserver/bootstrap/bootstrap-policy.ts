import type { PolicyRule } from "../authz/rbac-types.ts";

/** Roles and bindings that every cluster has; made when missing, and given back what they lack at every start. */
export interface BootstrapRole {
  readonly name: string;
  readonly rules?: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Label whose bearers' rules this role takes over. */
  readonly aggregates?: string;
}

/** A role of one namespace, with whom it is bound to under its own name. */
export interface BootstrapNamespaceRole {
  readonly namespace: string;
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  readonly subjects: readonly { readonly kind: "User" | "Group"; readonly name: string }[];
}

export interface BootstrapBinding {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly { readonly kind: "User" | "Group"; readonly name: string }[];
}

const aggregate = (to: string): string => `rbac.authorization.k8s.io/aggregate-to-${to}`;

function rule(verbs: string, apiGroups: string, resources: string): PolicyRule {
  return {
    verbs: verbs.split(" "),
    // The core group's name is the empty string.
    apiGroups: apiGroups.split(" ").map((group) => (group === "core" ? "" : group)),
    resources: resources.split(" "),
  };
}

function urls(...nonResourceURLs: string[]): PolicyRule {
  return { verbs: ["get"], nonResourceURLs };
}

const read = "get list watch";
const write = "create delete deletecollection patch update";
const readWrite = `${read} ${write}`;

const workload =
  "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale";
const coreObjects =
  "configmaps endpoints persistentvolumeclaims pods replicationcontrollers replicationcontrollers/scale serviceaccounts services";

export const bootstrapRoles: readonly BootstrapRole[] = [
  {
    name: "cluster-admin",
    rules: [rule("*", "*", "*"), { verbs: ["*"], nonResourceURLs: ["*"] }],
  },
  { name: "admin", aggregates: aggregate("admin") },
  { name: "edit", aggregates: aggregate("edit"), labels: { [aggregate("admin")]: "true" } },
  { name: "view", aggregates: aggregate("view"), labels: { [aggregate("edit")]: "true" } },
  {
    name: "system:aggregate-to-admin",
    labels: { [aggregate("admin")]: "true" },
    rules: [
      rule("create", "authorization.k8s.io", "localsubjectaccessreviews"),
      rule(readWrite, "rbac.authorization.k8s.io", "rolebindings roles"),
    ],
  },
  {
    name: "system:aggregate-to-edit",
    labels: { [aggregate("edit")]: "true" },
    rules: [
      rule(read, "core", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy"),
      rule("impersonate", "core", "serviceaccounts"),
      rule(
        write,
        "core",
        `${coreObjects} pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy`,
      ),
      rule("create", "core", "pods/eviction serviceaccounts/token"),
      rule("create patch update", "core", "events"),
      rule(write, "apps", workload),
      rule(write, "autoscaling", "horizontalpodautoscalers"),
      rule(write, "batch", "cronjobs jobs"),
      rule(write, "networking.k8s.io", "ingresses networkpolicies"),
      rule(write, "policy", "poddisruptionbudgets"),
      rule(readWrite, "coordination.k8s.io", "leases"),
    ],
  },
  {
    name: "system:aggregate-to-view",
    labels: { [aggregate("view")]: "true" },
    rules: [
      rule(read, "core", `${coreObjects} persistentvolumeclaims/status pods/log pods/status services/status`),
      rule(
        read,
        "core",
        "bindings events limitranges namespaces namespaces/status resourcequotas resourcequotas/status",
      ),
      rule(read, "discovery.k8s.io", "endpointslices"),
      rule(
        read,
        "apps",
        `controllerrevisions ${workload} daemonsets/status deployments/status replicasets/status statefulsets/status`,
      ),
      rule(read, "autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status"),
      rule(read, "batch", "cronjobs cronjobs/status jobs jobs/status"),
      rule(read, "networking.k8s.io", "ingresses ingresses/status networkpolicies"),
      rule(read, "policy", "poddisruptionbudgets poddisruptionbudgets/status"),
    ],
  },
  {
    name: "system:basic-user",
    rules: [
      rule("create", "authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews"),
      rule("create", "authentication.k8s.io", "selfsubjectreviews"),
    ],
  },
  {
    name: "system:discovery",
    rules: [
      urls(
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
      ),
    ],
  },
  {
    name: "system:public-info-viewer",
    rules: [urls("/healthz", "/livez", "/readyz", "/version", "/version/")],
  },
  {
    name: "system:monitoring",
    rules: [urls("/healthz", "/healthz/*", "/livez", "/livez/*", "/metrics", "/readyz", "/readyz/*")],
  },
  {
    name: "system:service-account-issuer-discovery",
    rules: [
      urls(
        "/.well-known/openid-configuration",
        "/.well-known/openid-configuration/",
        "/openid/v1/jwks",
        "/openid/v1/jwks/",
      ),
    ],
  },
  {
    name: "system:kube-scheduler",
    rules: [
      rule("create patch update", "core events.k8s.io", "events"),
      rule(readWrite, "coordination.k8s.io", "leases"),
      rule(read, "core", "nodes namespaces replicationcontrollers services persistentvolumes"),
      rule(`${read} delete`, "core", "pods"),
      rule("create", "core", "pods/binding bindings"),
      rule("patch update", "core", "pods/status"),
      rule(`${read} patch update`, "core", "persistentvolumeclaims"),
      rule(read, "apps", "replicasets statefulsets"),
      rule(read, "policy", "poddisruptionbudgets"),
      rule(
        read,
        "storage.k8s.io",
        "csinodes csidrivers csistoragecapacities storageclasses volumeattachments",
      ),
      rule(read, "node.k8s.io", "runtimeclasses"),
      rule(read, "scheduling.k8s.io", "priorityclasses"),
      rule(read, "berth.dev", "plugins pluginsets plugininstances"),
    ],
  },
  {
    name: "system:kube-controller-manager",
    // Garbage collection and namespace deletion reach every kind there is; what it may not do is install plugins.
    rules: [
      rule(readWrite, "*", "*"),
      rule("escalate", "rbac.authorization.k8s.io", "clusterroles"),
      rule("approve sign", "certificates.k8s.io", "signers"),
      rule("create", "core", "serviceaccounts/token"),
      urls("/api", "/api/*", "/apis", "/apis/*"),
    ],
  },
  {
    name: "system:auth-delegator",
    rules: [
      rule("create", "authentication.k8s.io", "tokenreviews"),
      rule("create", "authorization.k8s.io", "subjectaccessreviews"),
    ],
  },
  {
    name: "system:kubelet-api-admin",
    rules: [
      rule("get list watch proxy", "core", "nodes"),
      rule("*", "core", "nodes/log nodes/metrics nodes/proxy nodes/stats"),
    ],
  },
  {
    name: "system:node-bootstrapper",
    rules: [rule(`create ${read}`, "certificates.k8s.io", "certificatesigningrequests")],
  },
  {
    name: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    rules: [rule("create", "certificates.k8s.io", "certificatesigningrequests/nodeclient")],
  },
  {
    name: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    rules: [rule("create", "certificates.k8s.io", "certificatesigningrequests/selfnodeclient")],
  },
  ...["kube-apiserver-client", "kube-apiserver-client-kubelet", "kubelet-serving"].map((signer) => ({
    name: `system:certificates.k8s.io:${signer}-approver`,
    rules: [
      {
        verbs: ["approve"],
        apiGroups: ["certificates.k8s.io"],
        resources: ["signers"],
        resourceNames: [`kubernetes.io/${signer}`],
      },
    ],
  })),
  {
    name: "system:node-proxier",
    rules: [
      rule(read, "core", "nodes services endpoints"),
      rule(read, "discovery.k8s.io", "endpointslices"),
      rule("create patch update", "core events.k8s.io", "events"),
    ],
  },
];

export const bootstrapBindings: readonly BootstrapBinding[] = [
  { name: "cluster-admin", role: "cluster-admin", subjects: [{ kind: "Group", name: "system:masters" }] },
  {
    name: "system:basic-user",
    role: "system:basic-user",
    subjects: [{ kind: "Group", name: "system:authenticated" }],
  },
  {
    name: "system:discovery",
    role: "system:discovery",
    subjects: [{ kind: "Group", name: "system:authenticated" }],
  },
  {
    name: "system:public-info-viewer",
    role: "system:public-info-viewer",
    subjects: [
      { kind: "Group", name: "system:authenticated" },
      { kind: "Group", name: "system:unauthenticated" },
    ],
  },
  {
    name: "system:service-account-issuer-discovery",
    role: "system:service-account-issuer-discovery",
    subjects: [{ kind: "Group", name: "system:serviceaccounts" }],
  },
  {
    name: "system:monitoring",
    role: "system:monitoring",
    subjects: [{ kind: "Group", name: "system:monitoring" }],
  },
  {
    name: "system:node-bootstrapper",
    role: "system:node-bootstrapper",
    subjects: [{ kind: "Group", name: "system:bootstrappers" }],
  },
  {
    name: "system:node-autoapprove-bootstrap",
    role: "system:certificates.k8s.io:certificatesigningrequests:nodeclient",
    subjects: [{ kind: "Group", name: "system:bootstrappers" }],
  },
  {
    name: "system:node-autoapprove-certificate-rotation",
    role: "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient",
    subjects: [{ kind: "Group", name: "system:nodes" }],
  },
  {
    name: "system:kube-scheduler",
    role: "system:kube-scheduler",
    subjects: [{ kind: "User", name: "system:kube-scheduler" }],
  },
  {
    name: "system:kube-controller-manager",
    role: "system:kube-controller-manager",
    subjects: [{ kind: "User", name: "system:kube-controller-manager" }],
  },
];

export const bootstrapNamespaceRoles: readonly BootstrapNamespaceRole[] = [
  {
    namespace: "kube-system",
    name: "extension-apiserver-authentication-reader",
    rules: [
      {
        verbs: ["get", "list", "watch"],
        apiGroups: [""],
        resources: ["configmaps"],
        resourceNames: ["extension-apiserver-authentication"],
      },
    ],
    subjects: [{ kind: "User", name: "system:kube-controller-manager" }],
  },
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
