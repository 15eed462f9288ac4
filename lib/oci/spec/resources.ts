import type { SpecResources } from "./runtime-spec.ts";

/** Limits as CRI states them; 0 and "" mean "not limited". */
export interface ResourceLimits {
  cpuPeriod: number;
  cpuQuota: number;
  cpuShares: number;
  memoryBytes: number;
  /** Memory and swap together. */
  memorySwapBytes: number;
  cpus: string;
  mems: string;
  hugepages: readonly { pageSize: string; limit: number }[];
  unified: Readonly<Record<string, string>>;
}

/** `canLimitSwap` is false on kernels without swap accounting, which refuse the file altogether. */
export function toSpecResources(limits: ResourceLimits, canLimitSwap: boolean): SpecResources {
  const cpu = {
    ...(limits.cpuShares > 0 && { shares: limits.cpuShares }),
    ...(limits.cpuQuota !== 0 && { quota: limits.cpuQuota }),
    ...(limits.cpuPeriod > 0 && { period: limits.cpuPeriod }),
    ...(limits.cpus !== "" && { cpus: limits.cpus }),
    ...(limits.mems !== "" && { mems: limits.mems }),
  };
  const swap = limits.memorySwapBytes === 0 ? limits.memoryBytes : limits.memorySwapBytes;
  const memory = {
    ...(limits.memoryBytes > 0 && { limit: limits.memoryBytes }),
    // Without a limit of its own swap would let a container use twice its memory.
    ...(canLimitSwap && swap !== 0 && { swap }),
  };
  return {
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(limits.hugepages.length > 0 && { hugepageLimits: [...limits.hugepages] }),
    ...(Object.keys(limits.unified).length > 0 && { unified: { ...limits.unified } }),
  };
}

/**
 * The out-of-memory score that can really be set: without CAP_SYS_RESOURCE the kernel refuses one below our own.
 * `clamped` tells whether it differs from what was asked.
 */
export function clampOomScore(
  wanted: number,
  own: number,
  mayLower: boolean,
): { value: number; clamped: boolean } {
  const value = mayLower ? wanted : Math.max(wanted, own);
  return { value, clamped: value !== wanted };
}
