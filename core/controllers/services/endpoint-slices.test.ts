import { describe, expect, it } from "vitest";

import type { Pod, Service } from "../../api/index.ts";
import { wantedSlices } from "./endpoint-slices.ts";

function service(spec: Partial<Service["spec"]> = {}): Service {
  return {
    metadata: { name: "web", namespace: "shop", uid: "s1" },
    spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

function pod(name: string, ip: string | undefined, isReady = true, change: Partial<Pod["spec"]> = {}): Pod {
  return {
    metadata: { name, namespace: "shop", uid: `u-${name}` },
    spec: {
      nodeName: "one",
      containers: [{ name: "main", ports: [{ name: "http", containerPort: 9000 }] }],
      ...change,
    },
    status: {
      phase: "Running",
      ...(ip !== undefined && { podIP: ip, podIPs: [{ ip }] }),
      conditions: [{ type: "Ready", status: isReady ? "True" : "False" }],
    },
  };
}

describe("the slices of a service", () => {
  it("name each pod with an address, and whether it is ready", () => {
    const [slice, ...rest] = wantedSlices(service(), [
      pod("b", "10.0.0.2", false),
      pod("a", "10.0.0.1"),
      pod("c", undefined),
    ]);
    expect(rest).toEqual([]);
    expect(slice).toMatchObject({
      metadata: { name: "web-0-0", labels: { "kubernetes.io/service-name": "web" } },
      addressType: "IPv4",
      ports: [{ name: "", protocol: "TCP", port: 8080 }],
    });
    expect(slice?.endpoints?.map(({ addresses, conditions }) => [addresses[0], conditions?.ready])).toEqual([
      ["10.0.0.1", true],
      ["10.0.0.2", false],
    ]);
  });

  it("publish unready pods where the service says so, but say that they do not serve", () => {
    const [slice] = wantedSlices(service({ publishNotReadyAddresses: true }), [pod("a", "10.0.0.1", false)]);
    expect(slice?.endpoints?.[0]?.conditions).toEqual({ ready: true, serving: false, terminating: false });
  });

  it("keep pods apart whose named port has different numbers", () => {
    const named = service({ ports: [{ port: 80, targetPort: "http" }] });
    const other = pod("b", "10.0.0.2", true, {
      containers: [{ name: "main", ports: [{ name: "http", containerPort: 7000 }] }],
    });
    const slices = wantedSlices(named, [pod("a", "10.0.0.1"), other]);
    expect(slices.map(({ ports }) => ports?.[0]?.port)).toEqual([9000, 7000]);
    expect(new Set(slices.map(({ metadata }) => metadata.name)).size).toBe(2);
  });

  it("hold a hundred endpoints each at most", () => {
    const pods = Array.from({ length: 250 }, (_, i) => pod(`p${i}`, `10.0.${i >> 8}.${i & 255}`));
    expect(wantedSlices(service(), pods).map(({ endpoints }) => endpoints?.length)).toEqual([100, 100, 50]);
  });
});
