import type { Scenario } from "../../exchange.ts";
import { container, core, make, merge, object, learnt, template } from "./objects.ts";

export const accounts: readonly Scenario[] = [
  {
    name: "namespaces that are not there or go",
    exchanges: [
      { path: "/api/v1/namespaces/admission-nowhere/configmaps", body: object("v1", "ConfigMap", "a") },
      { path: "/api/v1/namespaces/admission-nowhere/configmaps" },
      { method: "DELETE", path: "/api/v1/namespaces/admission-nowhere/configmaps/a" },
      {
        method: "PATCH",
        path: "/api/v1/namespaces/admission-nowhere/configmaps/a?fieldManager=m",
        type: "application/apply-patch+yaml",
        body: object("v1", "ConfigMap", "a"),
      },
      {
        path: `${core}/configmaps`,
        body: object("v1", "ConfigMap", "a", { metadata: { name: "a", namespace: "other" } }),
      },
      { method: "DELETE", path: "/api/v1/namespaces/default" },
      { method: "DELETE", path: "/api/v1/namespaces/kube-system" },
      { method: "DELETE", path: "/api/v1/namespaces/kube-public" },
      { method: "DELETE", path: "/api/v1/namespaces/kube-node-lease?dryRun=All" },
      {
        path: `${core}/configmaps`,
        body: object("v1", "ConfigMap", "stays", {
          metadata: { name: "stays", finalizers: ["example.com/x"] },
        }),
      },
      { method: "DELETE", path: "/api/v1/namespaces/{ns}" },
      learnt,
      { path: `${core}/configmaps`, body: object("v1", "ConfigMap", "a") },
      make("p"),
      {
        path: "/apis/apps/v1/namespaces/{ns}/deployments",
        body: object("apps/v1", "Deployment", "x", {
          spec: { selector: { matchLabels: { a: "b" } }, template: template() },
        }),
      },
      {
        method: "PATCH",
        path: `${core}/serviceaccounts/default`,
        type: merge,
        body: { metadata: { labels: { a: "b" } } },
      },
      {
        path: `/apis/authorization.k8s.io/v1/namespaces/{ns}/localsubjectaccessreviews`,
        body: object("authorization.k8s.io/v1", "LocalSubjectAccessReview", "", {
          metadata: {},
          spec: { user: "a", resourceAttributes: { namespace: "{ns}" } },
        }),
      },
    ],
  },
  {
    name: "service accounts of pods",
    exchanges: [
      make("none", { serviceAccountName: "missing" }),
      make("both", { serviceAccountName: "default", serviceAccount: "default" }),
      make("off", { automountServiceAccountToken: false }),
      make("mounted", {
        containers: [
          container("c", {
            volumeMounts: [{ name: "v", mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" }],
          }),
        ],
        volumes: [{ name: "v", emptyDir: {} }],
      }),
      make("inits", { initContainers: [container("i")] }),
      make("mirror", {}, { annotations: { "kubernetes.io/config.mirror": "x" } }),
      make(
        "mirror",
        { serviceAccountName: "default" },
        { annotations: { "kubernetes.io/config.mirror": "x" } },
      ),
      make(
        "mirror",
        { nodeName: "n", volumes: [{ name: "s", secret: { secretName: "s" } }] },
        { annotations: { "kubernetes.io/config.mirror": "x" } },
      ),
      {
        path: `${core}/serviceaccounts`,
        body: object("v1", "ServiceAccount", "puller", {
          imagePullSecrets: [{ name: "a" }],
          automountServiceAccountToken: false,
          secrets: [{ name: "only" }],
          metadata: { name: "puller", annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } },
        }),
      },
      learnt,
      make("pulls", { serviceAccountName: "puller" }),
      make("secret", {
        serviceAccountName: "puller",
        volumes: [{ name: "s", secret: { secretName: "other" } }],
      }),
      make("env", {
        serviceAccountName: "puller",
        containers: [
          container("c", { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "other", key: "k" } } }] }),
        ],
      }),
      make("from", {
        serviceAccountName: "puller",
        initContainers: [container("c", { envFrom: [{ secretRef: { name: "other" } }] })],
      }),
      make("image", { serviceAccountName: "puller", imagePullSecrets: [{ name: "b" }] }),
    ],
  },
];
