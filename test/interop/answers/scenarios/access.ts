import { allow, allowEverywhere, as, binding, rbacPath, role, rule } from "../as-user.ts";
import type { Exchange, Scenario } from "../exchange.ts";

const whoAmI: Exchange = {
  path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
  body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
};
const core = "/api/v1/namespaces/{ns}";
const apps = "/apis/apps/v1/namespaces/{ns}";
const configMap = (name: string): object => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
const merge = "application/merge-patch+json";
const account = "system:serviceaccount:{ns}:default";

const denied: Exchange[] = [
  { path: `${core}/configmaps` },
  { path: `${core}/configmaps/one` },
  { path: `${core}/configmaps?watch=1` },
  { path: `${core}/configmaps?fieldSelector=metadata.name%3Done` },
  { path: "/api/v1/configmaps" },
  { path: "/api/v1/watch/configmaps" },
  { path: `/api/v1/watch/namespaces/{ns}/configmaps/one` },
  { path: `${core}/configmaps`, body: configMap("one") },
  { path: `${core}/configmaps`, body: "{" },
  { method: "PUT", path: `${core}/configmaps/one`, body: configMap("one") },
  { method: "PATCH", path: `${core}/configmaps/one`, type: merge, body: {} },
  {
    method: "PATCH",
    path: `${core}/configmaps/one?fieldManager=me`,
    type: "application/apply-patch+yaml",
    body: {},
  },
  { method: "DELETE", path: `${core}/configmaps/one` },
  { method: "DELETE", path: `${core}/configmaps` },
  { path: `${core}/pods/one/log` },
  { path: `${core}/pods/one/exec?command=ls`, method: "POST", body: "" },
  { path: `${core}/pods/one/exec?command=ls` },
  { path: `${core}/pods/one/status` },
  {
    path: `${core}/pods/one/eviction`,
    body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "one" } },
  },
  { path: `${core}/pods/one/proxy/a/b` },
  { path: `${core}/services/one/proxy` },
  { path: `${core}/serviceaccounts/default/token`, body: {} },
  { path: `${apps}/deployments` },
  { path: `${apps}/deployments/one/scale` },
  { method: "PATCH", path: `${apps}/deployments/one/scale`, type: merge, body: {} },
  { path: "/apis/apps/v1/deployments" },
  { path: "/api/v1/nodes" },
  { path: "/api/v1/nodes/one" },
  { path: "/api/v1/nodes/one/proxy/metrics" },
  { method: "PATCH", path: "/api/v1/nodes/one/status", type: merge, body: {} },
  { path: "/api/v1/namespaces" },
  { path: "/api/v1/namespaces/{ns}" },
  { path: "/api/v1/namespaces/{ns}/status" },
  { method: "PUT", path: "/api/v1/namespaces/{ns}/finalize", body: {} },
  { path: "/api/v1/namespaces", body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } } },
  { method: "DELETE", path: "/api/v1/namespaces/{ns}" },
  { path: "/apis/nothing.example.com/v1/things" },
  { path: "/apis/nothing.example.com/v1/namespaces/{ns}/things/one" },
  { path: "/metrics" },
  { path: "/logs" },
  { path: "/nowhere" },
  { method: "POST", path: "/apis", body: {} },
  { method: "PUT", path: "/version", body: {} },
  { method: "HEAD", path: `${core}/configmaps/one` },
  { method: "OPTIONS", path: `${core}/configmaps` },
  { path: `${core}/nothings/a&b` },
];

export const scenarios: readonly Scenario[] = [
  { name: "a user with no rights", exchanges: denied.map((exchange) => as("ann", exchange)) },
  { name: "nobody", exchanges: denied.slice(0, 12).map((one) => as("system:anonymous", one)) },
  { name: "an account with no rights", exchanges: denied.slice(0, 6).map((one) => as(account, one)) },
  {
    name: "what everybody may read",
    exchanges: ["/healthz", "/livez", "/readyz", "/api/v1/namespaces/kube-system/configmaps"].flatMap(
      (path) => [as("ann", { path }), as("system:anonymous", { path })],
    ),
  },
  {
    name: "names and markup in refusals",
    exchanges: [
      as('<b>"ann"</b> & co', { path: `${core}/pods` }),
      as("ann", { path: `${core}/pods/${encodeURIComponent("<i>")}` }),
      as("ann", { path: "/<nowhere>" }),
    ],
  },
  {
    name: "who one is as another",
    exchanges: [
      whoAmI,
      as("bob", whoAmI),
      as("bob", whoAmI, { group: "dev" }),
      as("bob", whoAmI, { group: "system:authenticated" }),
      as("bob", whoAmI, { group: "system:unauthenticated" }),
      as("bob", whoAmI, { group: "system:masters" }),
      as("bob", whoAmI, { uid: "17", extra: { scopes: "a", "acme.io%2Fteam": "red" } }),
      as("bob", whoAmI, { extra: { "acme.io%2Fteam": "red" } }),
      as("bob", whoAmI, { extra: { "bad%zz": "red" } }),
      as("system:anonymous", whoAmI),
      as("system:anonymous", whoAmI, { group: "dev" }),
      as("system:node:n1", whoAmI),
      as("system:node:n1", whoAmI, { group: "dev" }),
      as("system:node:Not_A_Node", whoAmI),
      as(account, whoAmI),
      as(account, whoAmI, { group: "dev" }),
      as("system:serviceaccount:{ns}", whoAmI),
      as("system:serviceaccount:{ns}:Not_One", whoAmI),
      as("system:serviceaccount:a:b:c", whoAmI),
      { ...whoAmI, headers: { "Impersonate-Group": "dev" } },
      { ...whoAmI, headers: { "Impersonate-Uid": "1" } },
      { ...whoAmI, headers: { "Impersonate-Extra-Team": "red" } },
      { ...whoAmI, headers: { "Impersonate-User": "" } },
    ],
  },
  {
    name: "many verbs on one resource",
    exchanges: [
      ...allow("val", "reader", rule("get,list configmaps"), rule("create configmaps")),
      as("val", { path: `${core}/configmaps`, body: configMap("one") }),
      as("val", { path: `${core}/configmaps/one` }),
      as("val", { path: `${core}/configmaps?watch=1&timeoutSeconds=1` }),
      as("val", { method: "DELETE", path: `${core}/configmaps/one` }),
      as("val", { method: "PUT", path: `${core}/configmaps/two`, body: configMap("two") }),
      as("val", { method: "PATCH", path: `${core}/configmaps/one`, type: merge, body: {} }),
      as("val", { path: "/api/v1/configmaps" }),
    ],
  },
  {
    name: "creating by update and apply",
    exchanges: [
      ...allow("ula", "updater", rule("update,patch configmaps")),
      as("ula", { method: "PUT", path: `${core}/configmaps/two`, body: configMap("two") }),
      as("ula", {
        method: "PATCH",
        path: `${core}/configmaps/three?fieldManager=me`,
        type: "application/apply-patch+yaml",
        body: configMap("three"),
      }),
    ],
  },
  {
    name: "names and subresources of rules",
    exchanges: [
      ...allow(
        "nat",
        "some",
        rule("get,list,watch,delete secrets  one"),
        rule("get pods/log"),
        rule("* */scale apps"),
        rule("get *  x"),
      ),
      as("nat", { path: `${core}/secrets` }),
      as("nat", { path: `${core}/secrets/one` }),
      as("nat", { path: `${core}/secrets/two` }),
      as("nat", { path: `${core}/secrets?fieldSelector=metadata.name%3Done` }),
      as("nat", { path: `${core}/secrets?fieldSelector=metadata.name%3Dtwo` }),
      as("nat", { method: "DELETE", path: `${core}/secrets?fieldSelector=metadata.name%3Done` }),
      as("nat", { path: `${core}/pods/a/log` }),
      as("nat", { path: `${core}/pods/a` }),
      as("nat", { path: `${apps}/deployments/a/scale` }),
      as("nat", { path: `${apps}/deployments/a` }),
      as("nat", { path: `${core}/pods/x` }),
    ],
  },
  {
    name: "paths of rules",
    exchanges: [
      {
        path: `${rbacPath}/clusterroles`,
        body: role(
          "ClusterRole",
          "access-paths",
          { verbs: ["get"], nonResourceURLs: ["/metrics", "/debug/*"] },
          { verbs: ["*"], nonResourceURLs: ["*"] },
          { verbs: ["get"], nonResourceURLs: ["a*b"] },
        ),
      },
      {
        path: `${rbacPath}/namespaces/{ns}/roles`,
        body: role("Role", "paths", { verbs: ["get"], nonResourceURLs: ["/metrics"] }),
      },
    ],
  },
  {
    name: "a binding to a role that is not there",
    exchanges: [
      {
        path: `${rbacPath}/namespaces/{ns}/rolebindings`,
        body: binding("RoleBinding", "lost", "Role/none", "lea"),
      },
      {
        path: `${rbacPath}/clusterrolebindings`,
        body: binding("ClusterRoleBinding", "access-lost", "ClusterRole/access-none", "lea"),
      },
      as("lea", { path: `${core}/pods` }),
      as("lea", { path: "/api/v1/nodes" }),
      as("lea", { path: "/nowhere" }),
      as("lea", { path: `${core}/pods` }),
      as("lea", { path: "/api/v1/nodes" }),
    ],
  },
  {
    name: "wrong roles and bindings",
    exchanges: [
      { path: `${rbacPath}/namespaces/{ns}/roles`, body: role("Role", "a", { verbs: [] }) },
      { path: `${rbacPath}/namespaces/{ns}/roles`, body: role("Role", "a", { verbs: ["get"] }) },
      {
        path: `${rbacPath}/namespaces/{ns}/roles`,
        body: role("Role", "a", { verbs: ["get"], apiGroups: [""] }),
      },
      { path: `${rbacPath}/namespaces/{ns}/roles`, body: role("Role", "a/b", rule("get pods")) },
      {
        path: `${rbacPath}/clusterroles`,
        body: role("ClusterRole", "access-both", { ...rule("get pods"), nonResourceURLs: ["/x"] }),
      },
      {
        path: `${rbacPath}/clusterroles`,
        body: { ...role("ClusterRole", "access-agg"), aggregationRule: {} },
      },
      { path: `${rbacPath}/namespaces/{ns}/rolebindings`, body: binding("RoleBinding", "b", "Rule/x", "u") },
      { path: `${rbacPath}/namespaces/{ns}/rolebindings`, body: binding("RoleBinding", "b", "Role/", "u") },
      { path: `${rbacPath}/namespaces/{ns}/rolebindings`, body: binding("RoleBinding", "b", "Role/x", "") },
      {
        path: `${rbacPath}/clusterrolebindings`,
        body: binding("ClusterRoleBinding", "access-b", "Role/x", "u"),
      },
      {
        path: `${rbacPath}/namespaces/{ns}/rolebindings`,
        body: {
          ...binding("RoleBinding", "c", "Role/x", "u"),
          subjects: [
            { kind: "ServiceAccount", name: "A_B" },
            { kind: "ServiceAccount", name: "a", apiGroup: "x" },
            { kind: "User", name: "a", apiGroup: "x" },
            { kind: "Group", name: "g" },
            { kind: "Robot", name: "g" },
          ],
        },
      },
      {
        path: `${rbacPath}/namespaces/{ns}/rolebindings`,
        body: {
          ...binding("RoleBinding", "d", "Role/x", "u"),
          roleRef: { kind: "Role", name: "x" },
          subjects: [
            { kind: "User", name: "u" },
            { kind: "ServiceAccount", name: "s", namespace: "n" },
          ],
        },
      },
      {
        method: "PUT",
        path: `${rbacPath}/namespaces/{ns}/rolebindings/d`,
        body: binding("RoleBinding", "d", "Role/y", "u"),
      },
      {
        path: `${rbacPath}/clusterrolebindings`,
        body: {
          ...binding("ClusterRoleBinding", "access-c", "ClusterRole/x", "u"),
          subjects: [{ kind: "ServiceAccount", name: "a" }],
        },
      },
    ],
  },
  {
    name: "escalation by roles",
    exchanges: [
      ...allow("esc", "esc", rule("* roles,rolebindings rbac.authorization.k8s.io"), rule("get,list pods")),
      as("esc", { path: `${rbacPath}/namespaces/{ns}/roles`, body: role("Role", "same", rule("get pods")) }),
      as("esc", {
        path: `${rbacPath}/namespaces/{ns}/roles`,
        body: role(
          "Role",
          "more",
          rule("get,delete pods"),
          rule("list secrets,configmaps"),
          rule("get pods  x,y"),
        ),
      }),
      as("esc", { path: `${rbacPath}/namespaces/{ns}/roles`, body: role("Role", "star", rule("* *")) }),
      as(
        "esc",
        {
          path: `${rbacPath}/namespaces/{ns}/roles`,
          body: role("Role", "groups", {
            verbs: ["get"],
            apiGroups: ["", "apps"],
            resources: ["pods", "deployments/scale"],
          }),
        },
        { group: "dev", uid: "7" },
      ),
      as("esc", {
        method: "PUT",
        path: `${rbacPath}/namespaces/{ns}/roles/same`,
        body: role("Role", "same", rule("get secrets")),
      }),
      as("esc", {
        method: "PATCH",
        path: `${rbacPath}/namespaces/{ns}/roles/same`,
        type: merge,
        body: { metadata: { labels: { a: "b" } } },
      }),
      as("esc", {
        path: `${rbacPath}/namespaces/{ns}/rolebindings`,
        body: binding("RoleBinding", "none", "Role/none", "esc"),
      }),
      as("esc", {
        path: `${rbacPath}/namespaces/{ns}/rolebindings`,
        body: binding("RoleBinding", "same", "Role/same", "esc"),
      }),
      as("esc", {
        path: `${rbacPath}/clusterroles`,
        body: role("ClusterRole", "access-x", rule("get pods")),
      }),
    ],
  },
  {
    name: "escalation with the rights to it",
    exchanges: [
      ...allowEverywhere(
        "ela",
        "access-ela",
        rule("create,update,patch,escalate clusterroles rbac.authorization.k8s.io"),
        rule("create,update,bind clusterrolebindings rbac.authorization.k8s.io"),
        rule("bind clusterroles rbac.authorization.k8s.io system:node-proxier"),
      ),
      as("ela", {
        path: `${rbacPath}/clusterroles`,
        body: role("ClusterRole", "access-ela-more", rule("* *")),
      }),
      as("ela", {
        path: `${rbacPath}/clusterrolebindings`,
        body: binding("ClusterRoleBinding", "access-ela-a", "ClusterRole/system:node-proxier", "ela"),
      }),
      as("ela", {
        path: `${rbacPath}/clusterrolebindings`,
        body: binding("ClusterRoleBinding", "access-ela-b", "ClusterRole/access-ela-more", "ela"),
      }),
    ],
  },
  {
    name: "escalation by cluster roles",
    exchanges: [
      ...allowEverywhere(
        "clu",
        "access-clu",
        rule("* clusterroles,clusterrolebindings rbac.authorization.k8s.io x"),
      ),
      ...allowEverywhere(
        "cla",
        "access-cla",
        rule("create,update,get clusterroles,clusterrolebindings rbac.authorization.k8s.io"),
      ),
      as("cla", {
        path: `${rbacPath}/clusterroles`,
        body: role("ClusterRole", "access-cla-paths", {
          verbs: ["get", "post"],
          nonResourceURLs: ["/metrics", "/x/*"],
        }),
      }),
      as("cla", {
        path: `${rbacPath}/clusterroles`,
        body: role("ClusterRole", "access-cla-health", { verbs: ["get"], nonResourceURLs: ["/healthz"] }),
      }),
      as("cla", {
        path: `${rbacPath}/clusterroles`,
        body: {
          ...role("ClusterRole", "access-cla-agg"),
          aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: "b" } }] },
        },
      }),
      as("cla", {
        path: `${rbacPath}/clusterrolebindings`,
        body: binding("ClusterRoleBinding", "access-cla-admin", "ClusterRole/cluster-admin", "cla"),
      }),
      as("cla", {
        path: `${rbacPath}/clusterrolebindings`,
        body: binding("ClusterRoleBinding", "access-cla-none", "ClusterRole/access-nothing", "cla"),
      }),
    ],
  },
];
