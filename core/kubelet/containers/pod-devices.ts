import type { Pod, ResourceStatus } from "../../api/index.ts";
import { quantityValue } from "../../api/quantity/quantity.ts";
import type { ContainerDevices, Devices } from "../../pluginhost/contracts/index.ts";
import { allContainers, podNamespace, podUid } from "../pods/pod-containers.ts";

/** Allocates what a container asks for beyond cpu, memory and storage: whole devices, by resource name. */
export async function allocateDevices(
  devices: Devices,
  pod: Pod,
  containerName: string,
): Promise<ContainerDevices[]> {
  const container = allContainers(pod).find(({ spec }) => spec.name === containerName)?.spec;
  const { limits, requests } = container?.resources ?? {};
  const wanted = Object.entries({ ...requests, ...limits }).filter(
    ([name, amount]) => isDevice(name) && quantityValue(amount) > 0,
  );
  const allocated: ContainerDevices[] = [];
  for (const [resource, amount] of wanted) {
    const request = {
      podUid: podUid(pod),
      podName: pod.metadata.name,
      podNamespace: podNamespace(pod),
      container: containerName,
      resource,
      count: quantityValue(amount),
    };
    allocated.push(await devices.allocate(request));
  }
  return allocated;
}

/** "nvidia.com/gpu": a name of somebody's own domain. */
function isDevice(resource: string): boolean {
  const [domain = "", name] = resource.split("/");
  return name !== undefined && !domain.endsWith("kubernetes.io");
}

/** How the devices of a container are, for its status; undefined when it has none. */
export function deviceStatus(devices: Devices, pod: Pod, container: string): ResourceStatus[] | undefined {
  const own = devices.allocated(podUid(pod)).filter((one) => one.container === container);
  if (own.length === 0) return undefined;
  const known = devices.list();
  return own.map((one) => ({
    name: one.resource,
    resources: one.ids.map((id) => {
      const found = known
        .find(({ name }) => name === one.resource)
        ?.devices.find((device) => device.id === id);
      return { resourceID: id, health: found?.health ?? "Unknown" };
    }),
  }));
}
