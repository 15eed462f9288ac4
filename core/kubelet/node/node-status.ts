import type { ContainerImage, NodeRuntimeHandler, NodeStatus } from "../../api/index.ts";
import type { DeviceResource } from "../../pluginhost/contracts/index.ts";
import type { MachineFacts, MachineUsage } from "./machine.ts";
import { nodeConditions, type PressureThresholds } from "./node-conditions.ts";

/** What is kept from pods for the node itself. */
export interface Reserved {
  /** Thousandths of a processor. */
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

export interface NodeStatusInput {
  readonly machine: MachineFacts;
  readonly usage: MachineUsage;
  readonly reserved: Reserved;
  readonly thresholds: PressureThresholds;
  readonly maxPods: number;
  readonly addresses: readonly string[];
  readonly nodeName: string;
  readonly kubeletPort: number;
  /** "v1.36.0-berth.0.1.0". */
  readonly kubeletVersion: string;
  /** "containerd://1.6.20"; undefined while no runtime has answered. */
  readonly runtimeVersion: string | undefined;
  readonly runtimeHandlers: readonly NodeRuntimeHandler[];
  readonly images: readonly ContainerImage[];
  readonly devices: readonly DeviceResource[];
  readonly missing: Readonly<Record<string, string>>;
  readonly previous: NodeStatus;
  readonly now: number;
}

export function nodeStatus(input: NodeStatusInput): NodeStatus {
  const { machine, previous } = input;
  return {
    addresses: [
      ...input.addresses.map((address) => ({ type: "InternalIP", address })),
      { type: "Hostname", address: input.nodeName },
    ],
    ...amounts(input),
    conditions: nodeConditions({ ...input, previous: previous.conditions ?? [] }),
    daemonEndpoints: { kubeletEndpoint: { Port: input.kubeletPort } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion:
        input.runtimeVersion ?? previous.nodeInfo?.containerRuntimeVersion ?? "none://",
      kubeletVersion: input.kubeletVersion,
      kubeProxyVersion: "",
      operatingSystem: "linux",
      architecture: machine.architecture,
    },
    images: [...input.images],
    runtimeHandlers: [...input.runtimeHandlers],
  };
}

/** Capacity, and what of it pods may use. */
export function amounts(
  input: Pick<NodeStatusInput, "machine" | "usage" | "reserved" | "maxPods" | "devices">,
): { capacity: Record<string, string>; allocatable: Record<string, string> } {
  const { devices, machine, maxPods, reserved, usage } = input;
  const kibibytes = (bytes: number): string => `${Math.max(0, Math.floor(bytes / 1024))}Ki`;
  const fixed = { ...machine.hugepages, pods: String(maxPods) };
  const capacity: Record<string, string> = {
    cpu: String(machine.cpus),
    memory: kibibytes(machine.memoryBytes),
    "ephemeral-storage": kibibytes(usage.diskCapacityBytes),
    ...fixed,
  };
  const milli = machine.cpus * 1000 - reserved.cpuMilli;
  const allocatable: Record<string, string> = {
    cpu: milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`,
    memory: kibibytes(machine.memoryBytes - reserved.memoryBytes),
    "ephemeral-storage": kibibytes(usage.diskCapacityBytes * 0.9),
    ...fixed,
  };
  for (const device of devices) {
    capacity[device.name] = String(device.capacity);
    allocatable[device.name] = String(device.allocatable);
  }
  return { capacity, allocatable };
}
