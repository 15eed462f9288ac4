import { kinds } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ServiceAddresses } from "../service-addresses/service-addresses.ts";
import type { ServiceRange } from "../service-addresses/service-range.ts";
import { type BootstrapOptions, ensure } from "./bootstrap.ts";

export const ownName = "kubernetes";

/** The Service under which pods find the API servers. */
export async function bootstrapOwnService(
  options: BootstrapOptions & {
    readonly addresses: ServiceAddresses;
    readonly range: ServiceRange;
    readonly targetPort: number;
  },
): Promise<void> {
  const { objects, addresses, range, targetPort } = options;
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
        ports: [{ name: "https", protocol: "TCP", port: 443, targetPort }],
        sessionAffinity: "None",
      },
      status: { loadBalancer: {} },
    };
    await addresses.take(service, false);
    await ensure(options, serviceKind, service);
  }
}
