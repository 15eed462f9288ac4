import type { ContainerStats__Output } from "@berth/proto/generated/cri/runtime/v1/ContainerStats.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import { labels } from "../actual/cri-labels.ts";
import type { MachineUsage } from "../node/machine.ts";

interface SummaryInput {
  readonly nodeName: string;
  readonly memoryBytes: number;
  readonly usage: MachineUsage;
  /** One handler for each runtime. */
  readonly handlers: readonly RuntimeHandler[];
  /** RFC 3339. */
  readonly time: string;
}

/** What `/stats/summary` answers: the node, and pods with their containers as the runtimes count them. */
export async function statsSummary(input: SummaryInput): Promise<object> {
  const { usage } = input;
  const pods = new Map<string, { podRef: object; containers: object[] }>();
  for (const handler of input.handlers) {
    const { stats } = await handler.cri.listContainerStats({});
    for (const one of stats) {
      const own = one.attributes?.labels ?? {};
      const uid = own[labels.podUid];
      if (!uid) continue;
      const podRef = { name: own[labels.podName], namespace: own[labels.podNamespace], uid };
      const pod = pods.get(uid) ?? { podRef, containers: [] };
      pods.set(uid, pod);
      pod.containers.push(containerSummary(own[labels.containerName] ?? "", one, input.time));
    }
  }
  return {
    node: {
      nodeName: input.nodeName,
      memory: {
        time: input.time,
        availableBytes: usage.memoryAvailableBytes,
        usageBytes: input.memoryBytes - usage.memoryAvailableBytes,
        workingSetBytes: input.memoryBytes - usage.memoryAvailableBytes,
      },
      fs: {
        time: input.time,
        capacityBytes: usage.diskCapacityBytes,
        availableBytes: usage.diskAvailableBytes,
        usedBytes: usage.diskCapacityBytes - usage.diskAvailableBytes,
        inodes: usage.inodes,
        inodesFree: usage.inodesFree,
      },
    },
    pods: [...pods.values()],
  };
}

function containerSummary(name: string, stats: ContainerStats__Output, time: string): object {
  const number = (value: { value: string } | null | undefined): number => Number(value?.value ?? 0);
  return {
    name,
    cpu: {
      time,
      usageNanoCores: number(stats.cpu?.usage_nano_cores),
      usageCoreNanoSeconds: number(stats.cpu?.usage_core_nano_seconds),
    },
    memory: {
      time,
      usageBytes: number(stats.memory?.usage_bytes),
      workingSetBytes: number(stats.memory?.working_set_bytes),
      rssBytes: number(stats.memory?.rss_bytes),
    },
    rootfs: { time, usedBytes: number(stats.writable_layer?.used_bytes) },
  };
}
