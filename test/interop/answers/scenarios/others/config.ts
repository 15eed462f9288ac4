import type { Scenario } from "../../exchange.ts";
import { Resource } from "./requests.ts";

const configMaps = new Resource("v1", "ConfigMap", "configmaps");
const secrets = new Resource("v1", "Secret", "secrets");
const accounts = new Resource("v1", "ServiceAccount", "serviceaccounts");
const leases = new Resource("coordination.k8s.io/v1", "Lease", "leases");
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const k8s = "kubernetes.io";

export const configScenarios: readonly Scenario[] = [
  {
    name: "config maps",
    exchanges: [
      ...configMaps.each("map", [
        {},
        { data: {} },
        { data: null },

        { data: { ["a".repeat(254)]: "1" } },
        { data: { a: "1" }, binaryData: { a: "AAAA" } },
        { binaryData: { a: "not base64" } },
        { binaryData: { a: "" } },
        { data: { a: 1 } },
        { data: { a: null } },
        { data: ["a"] },

        { immutable: true, data: { a: "1" } },
        { immutable: "yes" },
        { other: 1 },
        { metadata: { labels: { "a b": "c d" }, annotations: { "a b": "", UPPER: "" } } },
        { metadata: { finalizers: ["bare", "a.example/b"] } },
        { metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "", uid: "" }] } },
        { metadata: { namespace: "elsewhere" } },
        { metadata: { name: "", generateName: "prefix-" } },
        { metadata: { name: "Upper_Case" } },
        { metadata: { resourceVersion: "1" } },
        { metadata: { uid: "mine" } },
        { apiVersion: "v2" },
        { kind: "Secret" },
      ]),
      configMaps.put("map-10", { data: { a: "1" } }),
      configMaps.put("map-10", { immutable: true, data: { a: "2" }, binaryData: { b: "AAAA" } }),
      configMaps.merge("map-10", { metadata: { labels: { a: "b" } } }),
      configMaps.put("map-0", { metadata: { resourceVersion: "1" } }),

      configMaps.put("map-0", { metadata: { name: "other" } }),
      configMaps.merge("map-0", { metadata: { creationTimestamp: null, uid: null } }),
      configMaps.merge("map-0", { metadata: { namespace: "other" } }),
    ],
  },
  {
    name: "secrets of each type",
    exchanges: [
      ...secrets.each("secret", [
        {},
        { type: "" },
        { type: "a.example/own", stringData: { a: "b" } },
        { data: { a: "Yg==" }, stringData: { a: "c", b: "" } },
        { data: { "not a key": "Yg==" } },
        { stringData: { "not a key": "b" } },
        { type: `${k8s}/dockerconfigjson` },
        { type: `${k8s}/dockerconfigjson`, data: { ".dockerconfigjson": "" } },
        { type: `${k8s}/dockerconfigjson`, data: { ".dockerconfigjson": base64("{}") } },

        { type: `${k8s}/dockerconfigjson`, data: { ".dockerconfigjson": base64("[]") } },

        { type: `${k8s}/dockercfg` },
        { type: `${k8s}/basic-auth` },
        { type: `${k8s}/basic-auth`, stringData: { username: "a" } },
        { type: `${k8s}/ssh-auth` },
        { type: `${k8s}/ssh-auth`, stringData: { "ssh-privatekey": "" } },
        { type: `${k8s}/tls` },
        { type: `${k8s}/tls`, stringData: { "tls.crt": "a" } },
        { type: `${k8s}/tls`, stringData: { "tls.crt": "", "tls.key": "" } },
        { type: `${k8s}/service-account-token` },

        {
          type: `${k8s}/service-account-token`,
          metadata: { annotations: { [`${k8s}/service-account.name`]: "not-there" } },
        },
        { type: "bootstrap.kubernetes.io/token", stringData: { "token-id": "abcdef" } },
        { immutable: true, stringData: { a: "b" } },
        { data: { a: "x".repeat(4) + "!" } },
        { data: { a: base64("x".repeat(1024 * 1024 + 1)) } },
      ]),
      secrets.put("secret-21", { stringData: { a: "c" } }),
      secrets.put("secret-21", { immutable: true, stringData: { a: "c" } }),
      secrets.put("secret-2", { type: "Opaque" }),
      secrets.put("secret-2", {}),
      secrets.merge("secret-2", { type: null }),
      secrets.merge("secret-2", { type: "other" }),
      secrets.merge("secret-2", { stringData: { z: "z" } }),
      { path: `${secrets.path}?fieldSelector=type%3Da.example/own` },
      { path: `${secrets.path}?fieldSelector=type%21%3DOpaque,metadata.name%3Dsecret-8` },
    ],
  },
  {
    name: "service accounts",
    exchanges: [
      ...accounts.each("account", [
        {},
        {
          automountServiceAccountToken: false,
          secrets: [{ name: "a" }],
          imagePullSecrets: [{ name: "b" }, {}],
        },
        { imagePullSecrets: null },
        { metadata: { annotations: { "kubernetes.io/enforce-mountable-secrets": "true" } } },
      ]),
      accounts.put("account-0", { secrets: [{ name: "a" }] }),
      {
        path: `${accounts.path}/account-0/token`,
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { expirationSeconds: 1 },
        },
      },
      {
        path: `${accounts.path}/account-0/token`,
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { audiences: ["a"], expirationSeconds: 4_294_967_297 },
        },
      },
      {
        path: `${accounts.path}/account-0/token`,
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "no" } },
        },
      },
      {
        path: `${accounts.path}/account-0/token`,
        body: {
          apiVersion: "authentication.k8s.io/v1",
          kind: "TokenRequest",
          spec: { boundObjectRef: { kind: "ConfigMap", apiVersion: "v1", name: "no" } },
        },
      },
      {
        path: `${accounts.path}/not-there/token`,
        body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
      },
      accounts.delete("account-0"),
    ],
  },
  {
    name: "leases",
    exchanges: [
      ...leases.each("lease", [
        {},
        { spec: {} },
        { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } },
        { spec: { leaseDurationSeconds: -1, holderIdentity: "" } },

        { spec: { acquireTime: "nope" } },
      ]),
      leases.put("lease-0", {
        spec: { holderIdentity: "other", leaseDurationSeconds: 15, leaseTransitions: 3 },
      }),
      leases.merge("lease-0", { spec: { leaseTransitions: -4 } }),
      leases.delete("lease-0"),
    ],
  },
];
