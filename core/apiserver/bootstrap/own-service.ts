import { kinds } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ServiceAddresses } from "../service-addresses/service-addresses.ts";
import type { ServiceRange } from "../service-addresses/service-range.ts";
import { type BootstrapOptions, ensure } from "./bootstrap.ts";

const ownName = "kubernetes";

/** The Service under which pods find this server, and the endpoints behind it. */
export async function bootstrapOwnService(
  options: BootstrapOptions & {
    readonly addresses: ServiceAddresses;
    readonly range: ServiceRange;
    /** The address under which nodes and pods reach this server. */
    readonly advertise: { readonly address: string; readonly port: number };
  },
): Promise<void> {
  const { objects, addresses, range, advertise } = options;
  await ensure(options, kinds.byKind("networking.k8s.io", "v1", "ServiceCIDR")!, {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: { name: ownName },
    spec: { cidrs: [range.cidr] },
  });
  const serviceKind = kinds.byKind("", "v1", "Service")!;
  const labels = { component: "apiserver", provider: "kubernetes" };
  if (!objects.cached(serviceKind, "default", ownName)) {
    const service: Draft = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: ownName, namespace: "default", labels },
      spec: {
        type: "ClusterIP",
        clusterIP: range.first,
        ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: advertise.port }],
        sessionAffinity: "None",
      },
      status: { loadBalancer: {} },
    };
    await addresses.take(service, false);
    await ensure(options, serviceKind, service);
  }
  await publish(options, advertise);
}

/** Endpoints follow the address and the port of this start. */
async function publish(
  options: BootstrapOptions,
  { address, port }: { address: string; port: number },
): Promise<void> {
  const { objects } = options;
  const kind = kinds.byKind("discovery.k8s.io", "v1", "EndpointSlice")!;
  const wanted: Draft = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { name: ownName, namespace: "default", labels: { "kubernetes.io/service-name": ownName } },
    addressType: address.includes(":") ? "IPv6" : "IPv4",
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [{ name: "https", protocol: "TCP", port }],
  };
  if (!(await ensure(options, kind, wanted))) return;
  const stored = objects.cached(kind, "default", ownName);
  if (!stored) return;
  const present = stored.copy<Draft>();
  const { addressType, endpoints, ports } = wanted;
  if (JSON.stringify([present["endpoints"], present["ports"]]) === JSON.stringify([endpoints, ports])) return;
  await objects.update(kind, { ...present, addressType, endpoints, ports }, stored);
}
