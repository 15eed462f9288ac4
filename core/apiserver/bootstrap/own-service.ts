import { formatTime, kinds } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import type { ServiceAddresses } from "../service-addresses/service-addresses.ts";
import type { ServiceRange } from "../service-addresses/service-range.ts";
import { type BootstrapOptions, conditionOwner, ensure } from "./ensure.ts";

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
  const cidrKind = kinds.byKind("networking.k8s.io", "v1", "ServiceCIDR")!;
  const ready = {
    type: "Ready",
    status: "True",
    lastTransitionTime: formatTime(options.clock.now()),
    reason: "",
    message: "Kubernetes default Service CIDR is ready",
  };
  await ensure(options, cidrKind, {
    apiVersion: "networking.k8s.io/v1",
    kind: "ServiceCIDR",
    metadata: {
      name: ownName,
      managedFields: [conditionOwner("kubernetes-service-cidr-controller", cidrKind, ready)],
    },
    spec: { cidrs: [range.cidr] },
    status: { conditions: [ready] },
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
