import type { Endpoint, EndpointSlice, Pod, Service, ServicePort } from "../../api/index.ts";
import { managedByLabel, sliceManager } from "../shared/cluster-informers.ts";
import { isReady } from "../workloads/pod-states.ts";

export const serviceLabel = "kubernetes.io/service-name";
const perSlice = 100;

type SlicePort = NonNullable<EndpointSlice["ports"]>[number];

/** The slices that say where a service's pods are: one group for each address family and set of port numbers. */
export function wantedSlices(service: Service, pods: readonly Pod[]): EndpointSlice[] {
  const groups = new Map<string, { family: "IPv4" | "IPv6"; ports: SlicePort[]; endpoints: Endpoint[] }>();
  for (const family of familiesOf(service)) {
    for (const pod of pods) {
      const address = addressOf(pod, family);
      if (address === undefined) continue;
      const ports = portsOf(service, pod);
      const key = `${family} ${JSON.stringify(ports)}`;
      const group = groups.get(key) ?? { family, ports, endpoints: [] };
      group.endpoints.push(endpointOf(service, pod, address));
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ family, ports, endpoints }, group) => {
    const sorted = endpoints.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
    const chunks = Array.from({ length: Math.ceil(sorted.length / perSlice) }, (_, index) =>
      sorted.slice(index * perSlice, (index + 1) * perSlice),
    );
    return chunks.map((chunk, index) => slice(service, `${group}-${index}`, family, ports, chunk));
  });
}

function slice(
  service: Service,
  suffix: string,
  addressType: "IPv4" | "IPv6",
  ports: SlicePort[],
  endpoints: Endpoint[],
): EndpointSlice {
  const { name, namespace = "", uid = "", labels = {} } = service.metadata;
  const owner = { apiVersion: "v1", kind: "Service", name, uid, controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: {
      name: `${name.slice(0, 240)}-${suffix}`,
      namespace,
      labels: { ...labels, [serviceLabel]: name, [managedByLabel]: sliceManager },
      ownerReferences: [owner],
    },
    addressType,
    endpoints,
    ports,
  };
}

function familiesOf({ spec }: Service): readonly ("IPv4" | "IPv6")[] {
  const named = (spec.ipFamilies ?? []).filter((family) => family === "IPv4" || family === "IPv6");
  return named.length > 0 ? named : ["IPv4"];
}

function addressOf({ status }: Pod, family: "IPv4" | "IPv6"): string | undefined {
  const isOver = status?.phase === "Succeeded" || status?.phase === "Failed";
  const all = status?.podIPs?.map(({ ip }) => ip) ?? [status?.podIP];
  return isOver ? undefined : all.find((ip) => ip && ip.includes(":") === (family === "IPv6"));
}

/** A port by name is looked up in each pod; one that a pod does not have is left out for it. */
function portsOf({ spec }: Service, pod: Pod): SlicePort[] {
  return (spec.ports ?? []).flatMap((port) => {
    const number = targetPort(port, pod);
    if (number === undefined) return [];
    const { name = "", protocol = "TCP", appProtocol } = port;
    return [{ name, protocol, port: number, ...(appProtocol !== undefined && { appProtocol }) }];
  });
}

function targetPort(
  { targetPort: target, port, protocol = "TCP" }: ServicePort,
  pod: Pod,
): number | undefined {
  if (target === undefined || target === 0) return port;
  if (typeof target === "number") return target;
  return pod.spec.containers
    .flatMap(({ ports = [] }) => ports)
    .find((one) => one.name === target && (one.protocol ?? "TCP") === protocol)?.containerPort;
}

function endpointOf({ metadata, spec }: Service, pod: Pod, address: string): Endpoint {
  const serving = isReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const { name, namespace = "", uid } = pod.metadata;
  return {
    addresses: [address],
    conditions: {
      ready: spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(pod.spec.subdomain === metadata.name && pod.spec.hostname && { hostname: pod.spec.hostname }),
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: { kind: "Pod", namespace, name, ...(uid && { uid }) },
  };
}

function nameOf({ targetRef }: Endpoint): string {
  return targetRef?.name ?? "";
}
