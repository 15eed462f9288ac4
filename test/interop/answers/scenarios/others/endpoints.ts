import type { Scenario } from "../../exchange.ts";
import { Resource } from "./requests.ts";

const endpoints = new Resource("v1", "Endpoints", "endpoints");
const slices = new Resource("discovery.k8s.io/v1", "EndpointSlice", "endpointslices");
const subsets = (...all: object[]): { subsets: object[] }[] => all.map((one) => ({ subsets: [one] }));
const address = [{ ip: "192.0.2.1" }];

export const endpointScenarios: readonly Scenario[] = [
  {
    name: "endpoints",
    exchanges: [
      ...endpoints.each("of", [
        {},
        { subsets: [] },
        { subsets: null },
        ...subsets(
          { addresses: address },
          { addresses: address, ports: [{ port: 80 }] },
          { notReadyAddresses: address, ports: [{ port: 80, name: "a", protocol: "UDP" }] },

          {
            addresses: [{ ip: "192.0.2.2" }, { ip: "192.0.2.1" }, { ip: "192.0.2.1" }],
            ports: [{ port: 80 }],
          },
          { addresses: [{ ip: "192.0.2.1", targetRef: { kind: "Pod", name: "a" } }] },
        ),
      ]),
      endpoints.put("of-0", subsets({ addresses: address })[0]),
      endpoints.put("of-0", subsets({ addresses: [{ ip: "192.0.2.1", nodeName: "a" }] })[0]),
      endpoints.put("of-0", subsets({ addresses: [{ ip: "192.0.2.1", nodeName: "b" }] })[0]),
      endpoints.put("not-there", subsets({ addresses: address })[0]),
      endpoints.merge("of-0", { subsets: null }),
      endpoints.delete("of-0"),
    ],
  },
  {
    name: "endpoint slices",
    exchanges: [
      ...slices.each("slice", [
        {},
        { addressType: "IPv4" },

        { addressType: "Other", endpoints: [] },
        { addressType: "", endpoints: [] },
        { addressType: "IPv4", endpoints: [{}] },
        { addressType: "IPv4", endpoints: [{ addresses: [] }] },
        { addressType: "IPv4", endpoints: [{ addresses: ["192.0.2.1"] }] },
        { addressType: "IPv4", endpoints: [{ addresses: ["192.0.2.1"] }], ports: [{}] },
        {
          addressType: "IPv4",
          endpoints: [{ addresses: ["192.0.2.1"] }],
          ports: [{ port: 80 }, { port: 81 }],
        },
        { addressType: "IPv4", endpoints: [], ports: [{ port: 0, name: "UPPER", protocol: "HTTP" }] },
        {
          addressType: "IPv4",
          endpoints: [],
          ports: [{ port: 80, name: "a".repeat(16), appProtocol: "a b" }],
        },
        { addressType: "IPv4", endpoints: [{ addresses: ["2001:db8::1", "nope", "127.0.0.1"] }] },
        { addressType: "IPv6", endpoints: [{ addresses: ["192.0.2.1", "2001:db8::1", "2001:DB8::1"] }] },
        { addressType: "FQDN", endpoints: [{ addresses: ["a.example", "UPPER"] }] },

        {
          addressType: "IPv4",
          endpoints: [{ addresses: ["192.0.2.1"], hints: { forNodes: [{ name: "n" }, { name: "n" }] } }],
        },
      ]),
      slices.put("slice-1", { addressType: "IPv6", endpoints: [] }),
      slices.put("slice-1", { addressType: "IPv4", endpoints: [{ addresses: ["192.0.2.4"] }] }),
      slices.merge("slice-1", { addressType: null }),
      slices.merge("slice-1", { endpoints: null }),
      slices.delete("slice-1"),
      slices.create("headless", {
        metadata: { labels: { "service.kubernetes.io/headless": "" } },
        addressType: "IPv4",
        endpoints: [{ addresses: ["192.0.2.1", "192.0.2.2", "192.0.2.1"] }],
      }),
    ],
  },
];
