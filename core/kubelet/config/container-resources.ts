import type { LinuxContainerResources } from "@berth/proto/generated/cri/runtime/v1/LinuxContainerResources.ts";
import type { Pod, ResourceRequirements } from "../../api/index.ts";
import { quantityMilliValue, quantityValue } from "../../api/quantity/quantity.ts";
import { qosClass } from "../pods/qos.ts";

/** Microseconds: the window over which a cpu limit is counted (kernel, "CFS Bandwidth Control"). */
const cpuPeriod = 100_000;
const minimumQuota = 1_000;
const sharesPerCpu = 1_024;
const minimumShares = 2;
const maximumShares = 262_144;

/** Kernel values for a container's requests and limits. */
export function linuxResources(
  pod: Pod,
  resources: ResourceRequirements | undefined,
  node: { memoryBytes: number },
): LinuxContainerResources {
  const cpuRequest = resources?.requests?.["cpu"] ?? resources?.limits?.["cpu"];
  const cpuLimit = resources?.limits?.["cpu"];
  const memoryLimit = resources?.limits?.["memory"];
  return {
    cpu_shares: cpuShares(cpuRequest),
    ...(cpuLimit === undefined ? {} : { cpu_period: cpuPeriod, cpu_quota: cpuQuota(cpuLimit) }),
    ...(memoryLimit === undefined ? {} : { memory_limit_in_bytes: quantityValue(memoryLimit) }),
    oom_score_adj: oomScoreAdjustment(pod, resources?.requests?.["memory"] ?? memoryLimit, node),
    hugepage_limits: hugepageLimits(resources?.limits),
  };
}

export function cpuShares(request: string | undefined): number {
  if (request === undefined) return minimumShares;
  const shares = Math.floor((quantityMilliValue(request) * sharesPerCpu) / 1000);
  return Math.min(maximumShares, Math.max(minimumShares, shares));
}

export function cpuQuota(limit: string): number {
  const milli = quantityMilliValue(limit);
  return milli === 0 ? 0 : Math.max(minimumQuota, Math.floor((milli * cpuPeriod) / 1000));
}

/**
 * Whom the kernel ends first when memory runs out: those who asked for nothing, then those who asked for little of
 * the node (Kubernetes documentation, "Node-pressure Eviction", node out of memory behavior).
 */
export function oomScoreAdjustment(
  pod: Pod,
  memoryRequest: string | undefined,
  node: { memoryBytes: number },
): number {
  const critical = (pod.spec?.priority ?? 0) >= 2_000_000_000;
  const qos = qosClass(pod);
  if (critical || qos === "Guaranteed") return -997;
  if (qos === "BestEffort") return 1000;
  const request = memoryRequest === undefined ? 0 : quantityValue(memoryRequest);
  return Math.min(999, Math.max(3, 1000 - Math.floor((1000 * request) / node.memoryBytes)));
}

const hugepages = "hugepages-";

/** "hugepages-2Mi" becomes the kernel's own name of the size, "2MB". */
function hugepageLimits(limits: Record<string, string> | undefined): { page_size: string; limit: number }[] {
  return Object.entries(limits ?? {}).flatMap(([name, amount]) => {
    if (!name.startsWith(hugepages)) return [];
    return [{ page_size: `${name.slice(hugepages.length).replace("i", "")}B`, limit: quantityValue(amount) }];
  });
}
