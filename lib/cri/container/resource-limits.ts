import { type SpecResources, toSpecResources } from "@berth/oci";
import type { LinuxContainerResources__Output } from "@berth/proto/generated/cri/runtime/v1/LinuxContainerResources.ts";
import type { NodeFacts } from "./node-facts.ts";

export function specResources(
  resources: LinuxContainerResources__Output | null | undefined,
  node: Pick<NodeFacts, "canLimitSwap" | "cgroupV2">,
): SpecResources {
  if (!resources) return {};
  return toSpecResources(
    {
      cpuPeriod: Number(resources.cpu_period),
      cpuQuota: Number(resources.cpu_quota),
      cpuShares: Number(resources.cpu_shares),
      memoryBytes: Number(resources.memory_limit_in_bytes),
      memorySwapBytes: Number(resources.memory_swap_limit_in_bytes),
      cpus: resources.cpuset_cpus,
      mems: resources.cpuset_mems,
      hugepages: resources.hugepage_limits.map(({ page_size, limit }) => ({
        pageSize: page_size,
        limit: Number(limit),
      })),
      unified: node.cgroupV2 ? resources.unified : {},
    },
    node.canLimitSwap,
  );
}

/** Limits after an update: what the update leaves at zero stays as it was. */
export function mergeResources(
  old: LinuxContainerResources__Output | null | undefined,
  update: LinuxContainerResources__Output,
): LinuxContainerResources__Output {
  if (!old) return update;
  const set = Object.entries(update).filter(([, value]) =>
    Array.isArray(value)
      ? value.length > 0
      : typeof value === "object"
        ? Object.keys(value).length > 0
        : value !== "0" && value !== "",
  );
  return { ...old, ...Object.fromEntries(set) };
}
