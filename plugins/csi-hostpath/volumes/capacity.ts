import { PluginError } from "@berth/sdk";

/** Sectors of a block volume; sizes are rounded up to it. */
const blockBytes = 4096;

interface Range {
  readonly required_bytes: string | number;
  readonly limit_bytes: string | number;
}

export interface CapacityLimits {
  readonly defaultVolumeBytes: number;
  readonly maxVolumeBytes: number;
}

/** Bytes for a new volume. Throws INVALID_ARGUMENT or OUT_OF_RANGE as the contract says. */
export function chooseCapacity(range: Range | null, limits: CapacityLimits): number {
  const { required, limit } = readRange(range);
  if (required > limits.maxVolumeBytes) {
    throw new PluginError(
      "OUT_OF_RANGE",
      `${required} bytes are asked for, and no volume here is larger than ${limits.maxVolumeBytes}`,
      "Ask for less, or raise maxVolumeBytes.",
    );
  }
  const wanted = required > 0 ? required : Math.min(limits.defaultVolumeBytes, limit);
  const rounded = Math.ceil(wanted / blockBytes) * blockBytes;
  if (rounded > limit) {
    throw new PluginError(
      "OUT_OF_RANGE",
      `no multiple of ${blockBytes} bytes lies between ${required} and ${limit}`,
      "Widen the range.",
    );
  }
  return rounded;
}

/** Whether a volume that exists answers a request for this range. */
export function isWithin(bytes: number, range: Range | null): boolean {
  const { required, limit } = readRange(range);
  return bytes >= required && bytes <= limit;
}

export function readRange(range: Range | null): { required: number; limit: number } {
  const required = Number(range?.required_bytes ?? 0);
  const limit = Number(range?.limit_bytes ?? 0);
  if (required < 0 || limit < 0 || (limit > 0 && required > limit)) {
    throw new PluginError(
      "INVALID_ARGUMENT",
      `capacity range from ${required} to ${limit} bytes is no range`,
      "Send required_bytes not above limit_bytes, neither negative.",
    );
  }
  return { required, limit: limit === 0 ? Number.MAX_SAFE_INTEGER : limit };
}
