import type { Exchange, Scenario } from "../exchange.ts";

/** Each has a role and a binding. */
const controllers = `
  system:controller:attachdetach-controller
  system:controller:certificate-controller
  system:controller:clusterrole-aggregation-controller
  system:controller:cronjob-controller
  system:controller:daemon-set-controller
  system:controller:deployment-controller
  system:controller:device-taint-eviction-controller
  system:controller:disruption-controller
  system:controller:endpoint-controller
  system:controller:endpointslice-controller
  system:controller:endpointslicemirroring-controller
  system:controller:ephemeral-volume-controller
  system:controller:expand-controller
  system:controller:generic-garbage-collector
  system:controller:horizontal-pod-autoscaler
  system:controller:job-controller
  system:controller:legacy-service-account-token-cleaner
  system:controller:namespace-controller
  system:controller:node-controller
  system:controller:persistent-volume-binder
  system:controller:pod-garbage-collector
  system:controller:pv-protection-controller
  system:controller:pvc-protection-controller
  system:controller:replicaset-controller
  system:controller:replication-controller
  system:controller:resource-claim-controller
  system:controller:resourcequota-controller
  system:controller:root-ca-cert-publisher
  system:controller:route-controller
  system:controller:selinux-warning-controller
  system:controller:service-account-controller
  system:controller:service-cidrs-controller
  system:controller:service-controller
  system:controller:statefulset-controller
  system:controller:ttl-after-finished-controller
  system:controller:ttl-controller
  system:controller:validatingadmissionpolicy-status-controller
  system:controller:volumeattributesclass-protection-controller
`;

const clusterRoles = `
  admin
  cluster-admin
  edit
  system:aggregate-to-admin
  system:aggregate-to-edit
  system:aggregate-to-view
  system:auth-delegator
  system:basic-user
  system:certificates.k8s.io:certificatesigningrequests:nodeclient
  system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  system:certificates.k8s.io:kube-apiserver-client-approver
  system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  system:certificates.k8s.io:kubelet-serving-approver
  system:certificates.k8s.io:legacy-unknown-approver
  system:discovery
  system:heapster
  system:kube-aggregator
  system:kube-controller-manager
  system:kube-dns
  system:kube-scheduler
  system:kubelet-api-admin
  system:monitoring
  system:node
  system:node-bootstrapper
  system:node-problem-detector
  system:node-proxier
  system:persistent-volume-provisioner
  system:public-info-viewer
  system:service-account-issuer-discovery
  system:volume-scheduler
  view
${controllers}`;

const clusterRoleBindings = `
  cluster-admin
  system:basic-user
  system:discovery
  system:kube-controller-manager
  system:kube-dns
  system:kube-scheduler
  system:monitoring
  system:node
  system:node-proxier
  system:public-info-viewer
  system:service-account-issuer-discovery
  system:volume-scheduler
${controllers}`;

const roles = `
  kube-public/system:controller:bootstrap-signer
  kube-system/extension-apiserver-authentication-reader
  kube-system/system::leader-locking-kube-controller-manager
  kube-system/system::leader-locking-kube-scheduler
  kube-system/system:controller:bootstrap-signer
  kube-system/system:controller:cloud-provider
  kube-system/system:controller:token-cleaner
`;

const roleBindings = `
  kube-public/system:controller:bootstrap-signer
  kube-system/system::extension-apiserver-authentication-reader
  kube-system/system::leader-locking-kube-controller-manager
  kube-system/system::leader-locking-kube-scheduler
  kube-system/system:controller:bootstrap-signer
  kube-system/system:controller:cloud-provider
  kube-system/system:controller:token-cleaner
`;

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const words = (text: string): string[] => text.trim().split(/\s+/);
const inCluster = (resource: string, names: string): Exchange[] =>
  words(names).map((name) => ({ path: `${rbac}/${resource}/${name}` }));
const inNamespaces = (resource: string, names: string): Exchange[] =>
  words(names).map((both) => {
    const [namespace, name] = both.split("/");
    return { path: `${rbac}/namespaces/${namespace}/${resource}/${name}` };
  });

const flowControl = "/apis/flowcontrol.apiserver.k8s.io/v1";
const flowSchemas = `
  catch-all exempt global-default kube-controller-manager kube-scheduler kube-system-service-accounts
  probes service-accounts system-leader-election system-node-high system-nodes
`;
const priorityLevels = `
  catch-all exempt global-default leader-election node-high system workload-high workload-low
`;
const all = (path: string, names: string): Exchange[] =>
  words(names).map((name) => ({ path: `${path}/${name}` }));
export const scenarios: readonly Scenario[] = [
  { name: "cluster roles from the start", exchanges: inCluster("clusterroles", clusterRoles) },
  {
    name: "cluster role bindings from the start",
    exchanges: inCluster("clusterrolebindings", clusterRoleBindings),
  },
  { name: "roles from the start", exchanges: inNamespaces("roles", roles) },
  { name: "role bindings from the start", exchanges: inNamespaces("rolebindings", roleBindings) },
  {
    name: "namespaces from the start",
    exchanges: all("/api/v1/namespaces", "default kube-system kube-public kube-node-lease"),
  },
  {
    name: "priority classes from the start",
    exchanges: words("system-cluster-critical system-node-critical").map((name) => ({
      path: `/apis/scheduling.k8s.io/v1/priorityclasses/${name}`,
    })),
    differs: "their descriptions are in our own words",
  },
  {
    name: "flow schemas from the start",
    exchanges: all(`${flowControl}/flowschemas`, flowSchemas),
  },
  {
    name: "priority levels from the start",
    exchanges: all(`${flowControl}/prioritylevelconfigurations`, priorityLevels),
  },
  {
    name: "addresses from the start",
    exchanges: [
      { path: "/apis/networking.k8s.io/v1/servicecidrs/kubernetes" },
      { path: "/apis/networking.k8s.io/v1/ipaddresses/10.96.0.1" },
    ],
  },
];
