import type { Scenario } from "../../exchange.ts";
import { Resource } from "./requests.ts";

const networking = "networking.k8s.io/v1";
const ingresses = new Resource(networking, "Ingress", "ingresses");
const classes = new Resource(networking, "IngressClass", "ingressclasses", false);
const policies = new Resource(networking, "NetworkPolicy", "networkpolicies");
const addresses = new Resource(networking, "IPAddress", "ipaddresses", false);
const ranges = new Resource(networking, "ServiceCIDR", "servicecidrs", false);

const service = { service: { name: "s", port: { number: 80 } } };
const specs = (...all: object[]): { spec: object }[] => all.map((spec) => ({ spec }));
const paths = (...all: object[]): { spec: object }[] =>
  specs(
    ...all.map((one) => ({
      rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend: service, ...one }] } }],
    })),
  );
const backends = (...all: object[]): { spec: object }[] =>
  specs(...all.map((defaultBackend) => ({ defaultBackend })));
const toPolicy = (spec: object): { spec: object } => ({ spec: { podSelector: {}, ...spec } });

export const networkScenarios: readonly Scenario[] = [
  {
    name: "ingresses",
    exchanges: [
      ...ingresses.each("ingress", [
        {},
        ...backends(
          service,
          {},
          { service: {} },
          { service: { name: "UPPER", port: {} } },
          { service: { name: "s", port: { name: "http" } } },
          { service: { name: "s", port: { name: "Not Valid" } } },
          { service: { name: "s", port: { name: "http", number: 80 } } },
          { service: { name: "s", port: { number: 70_000 } } },
          { resource: { apiGroup: "a.example", kind: "Thing", name: "t" } },

          { resource: { kind: "Thing", name: "t" }, ...service },
        ),
        ...paths(
          {},
          { pathType: undefined },
          { pathType: "Other" },

          { path: "relative" },
          { path: "" },
          { path: undefined },
          { path: "/a//b/../c/." },
          { path: "/a%2fb", pathType: "Exact" },
          { path: "", pathType: "ImplementationSpecific" },
          { path: "relative", pathType: "ImplementationSpecific" },
          { backend: {} },
        ),
        ...specs(
          { rules: [{}] },
          { rules: [{ host: "a.example" }] },

          { rules: [{ host: "*.example", http: { paths: [] } }] },
          { rules: [{ host: "Not Valid" }, { host: "a.*.example" }, { host: "*" }] },
          {
            ...{ defaultBackend: service },
            tls: [{ hosts: ["a.example", "UPPER", "*.b.example"], secretName: "Not Valid" }],
          },
          { defaultBackend: service, tls: [{}] },
          { defaultBackend: service, ingressClassName: "Not Valid" },
          { defaultBackend: service, ingressClassName: "" },
          { defaultBackend: service, ingressClassName: "absent" },
          { defaultBackend: service, ingressClassName: "absent" },
        ),
        {
          metadata: { annotations: { "kubernetes.io/ingress.class": "a" } },
          spec: { defaultBackend: service },
        },
        {
          metadata: { annotations: { "kubernetes.io/ingress.class": "a" } },
          spec: { defaultBackend: service, ingressClassName: "a" },
        },
      ]),
      ingresses.put("ingress-1", { spec: { rules: [{ host: "a.example" }] } }),
      ingresses.merge("ingress-1", { spec: { rules: null } }),
      ingresses.merge(
        "ingress-1",
        { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } },
        "status",
      ),

      ingresses.merge(
        "ingress-1",
        {
          status: {
            loadBalancer: {
              ingress: [{ ip: "192.0.2.1", ports: [{ port: 80, protocol: "HTTP", error: "a b" }] }],
            },
          },
        },
        "status",
      ),
      ingresses.get("ingress-1"),
      ingresses.delete("ingress-1"),
    ],
  },
  {
    name: "ingress classes",
    exchanges: [
      ...classes.each("ingressclass", [
        {},
        ...specs(
          {},
          { controller: "a.example/b" },
          { controller: "bare" },
          { controller: "Not Valid/b" },
          { controller: `a.example/${"b".repeat(250)}` },
          { controller: "a.example/b", parameters: {} },
          { controller: "a.example/b", parameters: { kind: "Thing", name: "t" } },
          { controller: "a.example/b", parameters: { kind: "Thing", name: "t", scope: "Namespace" } },
          {
            controller: "a.example/b",
            parameters: { kind: "Thing", name: "t", scope: "Cluster", namespace: "n" },
          },
          {
            controller: "a.example/b",
            parameters: { kind: "Thing", name: "t", scope: "Other", namespace: "n", apiGroup: "A B" },
          },
          {
            controller: "a.example/b",
            parameters: { kind: "a/b", name: "a%b", scope: "Namespace", namespace: "A B" },
          },
        ),
      ]),
      classes.put("ingressclass-2", { spec: { controller: "b.example/c" } }),
      classes.put("ingressclass-2", {
        spec: { controller: "a.example/b", parameters: { kind: "Thing", name: "t" } },
      }),
      classes.create("ingressclass-default", {
        metadata: { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
        spec: { controller: "a.example/b" },
      }),
      ingresses.create("takes-the-default", { spec: { defaultBackend: service } }),
      classes.delete("ingressclass-default"),
    ],
  },
  {
    name: "network policies",
    exchanges: [
      ...policies.each("policy", [
        {},
        { spec: {} },
        ...[
          {},
          { podSelector: { matchLabels: { "a b": "c d" } } },

          { ingress: [{}], egress: [{}] },
          { egress: [] },
          { policyTypes: [] },
          { policyTypes: ["Egress"] },
          { policyTypes: ["Other", "Ingress"] },
          { policyTypes: ["Ingress", "Egress", "Ingress"] },
          { ingress: [{ ports: [{}, { port: 80 }, { port: "http" }, { protocol: "UDP", port: 53 }] }] },
          { ingress: [{ ports: [{ port: 0 }, { port: "Not Valid" }, { protocol: "HTTP", port: 70_000 }] }] },
          {
            ingress: [
              {
                ports: [
                  { port: 80, endPort: 90 },
                  { port: 80, endPort: 70 },
                  { endPort: 5 },
                  { port: "http", endPort: 5 },
                ],
              },
            ],
          },
          { ingress: [{ from: [{}] }] },
          {
            ingress: [
              {
                from: [
                  { podSelector: {}, namespaceSelector: {} },
                  { ipBlock: { cidr: "10.0.0.0/8" }, podSelector: {} },
                ],
              },
            ],
          },

          {
            egress: [
              {
                to: [
                  { podSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: ["b"] }] } },
                ],
              },
            ],
          },
        ].map(toPolicy),
      ]),
      policies.put("policy-2", toPolicy({ policyTypes: ["Egress"] })),
      policies.merge("policy-2", { spec: null }),
      policies.get("policy-2", "status"),
      policies.delete("policy-2"),
    ],
  },
  {
    name: "ip addresses and service cidrs",
    exchanges: [
      addresses.create("192.0.2.9", {}),
      addresses.create("192.0.2.9", { spec: {} }),
      addresses.create("192.0.2.9", { spec: { parentRef: {} } }),
      addresses.create("192.0.2.9", {
        spec: { parentRef: { resource: "services", name: "s", namespace: "{ns}" } },
      }),
      addresses.create("nope", { spec: { parentRef: { resource: "services", name: "s" } } }),
      addresses.create("2001:DB8::1", { spec: { parentRef: { resource: "services", name: "s" } } }),
      addresses.create("2001:db8::1", {
        spec: { parentRef: { group: "A B", resource: "a/b", name: "a%", namespace: "A B" } },
      }),
      addresses.create("192.0.2.010", { spec: { parentRef: { resource: "services", name: "s" } } }),

      addresses.delete("192.0.2.9"),
      ...ranges.each("range", [
        {},
        ...specs(
          {},
          { cidrs: [] },
          { cidrs: ["192.0.2.0/24"] },
          { cidrs: ["nope"] },
          { cidrs: ["192.0.2.1/24"] },
          { cidrs: ["192.0.2.0/24", "198.51.100.0/24"] },
          { cidrs: ["198.51.100.0/24", "2001:db8::/64"] },
          { cidrs: ["198.51.100.0/24", "2001:db8::/64", "203.0.113.0/24"] },
          { cidrs: ["2001:DB8::/64"] },
        ),
      ]),

      ranges.merge("range-3", { spec: { cidrs: ["192.0.2.0/24", "2001:db8:1::/64"] } }),
      ranges.merge(
        "range-3",
        {
          status: {
            conditions: [
              {
                type: "Ready",
                status: "True",
                reason: "",
                message: "m",
                lastTransitionTime: "2026-01-01T00:00:00Z",
              },
            ],
          },
        },
        "status",
      ),
      ranges.merge(
        "range-3",
        { status: { conditions: [{ type: "Ready", status: "Other", reason: "R", message: "m" }] } },
        "status",
      ),
      ranges.delete("range-3"),
    ],
  },
];
