import type { Scenario } from "../../exchange.ts";
import { core, get, named, table } from "../reads/requests.ts";
import { gone, tableOf, type Told, told } from "./requests.ts";

const networking = "/apis/networking.k8s.io/v1/namespaces/{ns}";
const http = {
  paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } }],
};
const ports = [
  { name: "a", port: 80 },
  { name: "b", port: 53, protocol: "UDP" },
];
const points = {
  loadBalancer: { ingress: [{ ip: "10.9.9.9" }, { hostname: "lb.example.com" }, { ip: "10.9.9.8" }] },
};
const balanced = { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports };

const services: readonly Told[] = [
  { name: "headless", spec: { clusterIP: "None", ports, selector: { b: "c", a: "b" } } },
  { name: "portless", spec: { clusterIP: "None", selector: { a: "b" } } },
  { name: "named", spec: { type: "ExternalName", externalName: "a.example.com" } },
  { name: "outside", spec: { clusterIP: "None", ports, externalIPs: ["192.0.2.2", "192.0.2.1"] } },
  { name: "pending", spec: balanced },
  { name: "balanced", spec: balanced, status: points },
  { name: "balanced-outside", spec: { ...balanced, externalIPs: ["192.0.2.1"] }, status: points },
];

const rules = (...hosts: (string | undefined)[]) => hosts.map((host) => ({ ...(host && { host }), http }));
const ingresses: readonly Told[] = [
  { name: "any", spec: { rules: rules(undefined) } },
  { name: "backend", spec: { defaultBackend: { service: { name: "s", port: { name: "p" } } } } },
  { name: "three", spec: { rules: rules("a.com", "b.com", "c.com"), tls: [{ hosts: ["a.com"] }] } },
  { name: "many", spec: { rules: rules("a.com", undefined, "b.com", "c.com", "d.com", "e.com") } },
  { name: "trailing", spec: { rules: rules("a.com", "b.com", "c.com", undefined) } },
  { name: "twice", spec: { rules: rules("a.com", "b.com", "c.com", "c.com") } },
  { name: "told", spec: { ingressClassName: "c", rules: rules("a.com") }, status: points },
];

const parameters = { kind: "K", name: "n" };
const classes: readonly Told[] = [
  { name: "tables-plain", spec: { controller: "example.com/c" } },
  {
    name: "tables-default",
    spec: { controller: "example.com/c" },
    metadata: isDefault("ingressclass.kubernetes.io"),
  },
  { name: "tables-given", spec: { controller: "example.com/c", parameters } },
];
const classPath = "/apis/networking.k8s.io/v1/ingressclasses";

function isDefault(domain: string): object {
  return { annotations: { [`${domain}/is-default-class`]: "true" } };
}

const addresses = (...ips: string[]) => ips.map((ip) => ({ ip }));
const endpoints: readonly Told[] = [
  { name: "none" },
  {
    name: "unready",
    more: { subsets: [{ notReadyAddresses: addresses("10.1.1.1"), ports: [{ port: 80 }] }] },
  },
  { name: "portless", more: { subsets: [{ addresses: addresses("10.1.1.1", "10.1.1.2") }] } },
  {
    name: "many",
    more: {
      subsets: [
        {
          addresses: addresses("10.1.1.1", "10.1.1.2"),
          ports: [
            { port: 80, name: "a" },
            { port: 81, name: "b" },
          ],
        },
        { addresses: addresses("fd00::1"), ports: [{ port: 80, name: "a" }] },
      ],
    },
  },
  { name: "six", more: { subsets: [{ addresses: addresses("fd00::1"), ports: [{ port: 80 }] }] } },
];
const slices: readonly Told[] = [
  { name: "none", more: { addressType: "IPv4", endpoints: [], ports: [] } },
  {
    name: "many",
    more: {
      addressType: "IPv6",
      endpoints: [
        { addresses: ["fd00::1"] },
        { addresses: ["fd00::2"] },
        { addresses: ["fd00::3"] },
        { addresses: ["fd00::4"] },
      ],
      ports: [80, 81, 82, 83, 84].map((port) => ({ name: `p${port}`, port })),
    },
  },
  {
    name: "portless",
    more: { addressType: "FQDN", endpoints: [{ addresses: ["a.example.com"] }], ports: [{ name: "n" }] },
  },
];
const policies: readonly Told[] = [
  { name: "all", spec: { podSelector: {} } },
  {
    name: "some",
    spec: {
      podSelector: {
        matchLabels: { b: "c" },
        matchExpressions: [{ key: "a", operator: "In", values: ["x"] }],
      },
    },
  },
];
const slicePath = "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices";
const addressPath = "/apis/networking.k8s.io/v1/ipaddresses";
const address = (name: string, parentRef: object) =>
  named("networking.k8s.io/v1", "IPAddress", name, { spec: { parentRef } });

export const networkTables: readonly Scenario[] = [
  {
    name: "kinds of services",
    exchanges: [
      ...services.flatMap((one) => told(`${core}/services`, "v1", "Service", one)),
      tableOf(`${core}/services`, "&fieldSelector=metadata.name!=x"),
    ],
  },
  {
    name: "kinds of ingresses",
    exchanges: [
      ...ingresses.flatMap((one) => told(`${networking}/ingresses`, "networking.k8s.io/v1", "Ingress", one)),
      tableOf(`${networking}/ingresses`),
    ],
  },
  {
    name: "kinds of ingress classes",
    exchanges: [
      ...classes.flatMap((one) => told(classPath, "networking.k8s.io/v1", "IngressClass", one)),
      tableOf(classPath),
      ...gone(classPath, classes),
    ],
  },
  {
    name: "kinds of endpoints",
    exchanges: [
      ...endpoints.flatMap((one) => told(`${core}/endpoints`, "v1", "Endpoints", one)),
      tableOf(`${core}/endpoints`),
      ...slices.flatMap((one) => told(slicePath, "discovery.k8s.io/v1", "EndpointSlice", one)),
      tableOf(slicePath),
    ],
  },
  {
    name: "kinds of network policies",
    exchanges: [
      ...policies.flatMap((one) =>
        told(`${networking}/networkpolicies`, "networking.k8s.io/v1", "NetworkPolicy", one),
      ),
      tableOf(`${networking}/networkpolicies`),
    ],
  },
  {
    name: "kinds of addresses",
    exchanges: [
      {
        path: addressPath,
        body: address("10.200.1.1", { group: "g.example.com", resource: "rs", namespace: "n", name: "x" }),
      },
      { path: addressPath, body: address("10.200.1.2", { resource: "rs", name: "x" }) },
      get(`${addressPath}/10.200.1.1?includeObject=None`, table()),
      get(`${addressPath}/10.200.1.2?includeObject=None`, table()),
      { method: "DELETE", path: `${addressPath}/10.200.1.1` },
      { method: "DELETE", path: `${addressPath}/10.200.1.2` },
    ],
  },
];
