import type { CgroupLimits } from "@berth/linux";
import type { Limits } from "../manifest/manifest.ts";

const factors: Readonly<Record<string, number>> = {
  "": 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** Kubernetes quantities as the numbers a control group takes; the Plugin's own win over the manifest's. */
export function toCgroupLimits(manifest: Limits, spec: Limits | undefined): CgroupLimits {
  const limits = { ...manifest, ...spec };
  return {
    ...(limits.memory === undefined ? {} : { memoryBytes: Math.ceil(parseQuantity(limits.memory)) }),
    ...(limits.cpu === undefined ? {} : { cpus: parseQuantity(limits.cpu) }),
    ...(limits.pids === undefined ? {} : { pids: limits.pids }),
  };
}

function parseQuantity(text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text);
  if (!match) throw new RangeError(`spec.limits: ${text} is not a quantity such as 512Mi or 500m`);
  return Number(match[1]) * factors[match[2] ?? ""]!;
}
