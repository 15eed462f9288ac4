import { errorMessage, type Logger } from "@berth/base";
import type { Image__Output } from "@berth/proto/generated/cri/runtime/v1/Image.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";

export interface CollectorLimits {
  /** Part of the disk from which images are removed. */
  readonly high: number;
  /** Part of the disk down to which they are removed. */
  readonly low: number;
  /** Images seen more recently than this stay; milliseconds. */
  readonly minAgeMs: number;
}

/** The kubelet's own defaults, imageGCHighThresholdPercent and its neighbours. */
export const defaultCollection: CollectorLimits = { high: 0.85, low: 0.8, minAgeMs: 120_000 };

/** Which images go, the longest unused first, until `bytes` are free. Pure. */
export function imagesToRemove(
  images: readonly Image__Output[],
  seen: ReadonlyMap<string, { firstSeen: number; lastUsed: number }>,
  inUse: ReadonlySet<string>,
  options: { bytes: number; now: number; minAgeMs: number },
): string[] {
  const removable = images.filter((image) => {
    const age = options.now - (seen.get(image.id)?.firstSeen ?? options.now);
    return !image.pinned && !inUse.has(image.id) && age >= options.minAgeMs;
  });
  const chosen: string[] = [];
  let freed = 0;
  for (const image of removable.toSorted(
    (a, b) => (seen.get(a.id)?.lastUsed ?? 0) - (seen.get(b.id)?.lastUsed ?? 0),
  )) {
    if (freed >= options.bytes) break;
    chosen.push(image.id);
    freed += Number(image.size);
  }
  return chosen;
}

/** Removes images that no container uses when the disk fills up. */
export class ImageCollector {
  readonly #limits: CollectorLimits;
  readonly #logger: Logger;
  readonly #seen = new Map<string, { firstSeen: number; lastUsed: number }>();

  constructor(limits: CollectorLimits, logger: Logger) {
    this.#limits = limits;
    this.#logger = logger;
  }

  /** `inUse`: what runtimes call the images of containers that are there. */
  async collect(
    handler: RuntimeHandler,
    inUse: ReadonlySet<string>,
    disk: { capacityBytes: number; availableBytes: number },
    now: number,
  ): Promise<void> {
    try {
      const { images } = await handler.cri.listImages({});
      for (const image of images) {
        const before = this.#seen.get(image.id) ?? { firstSeen: now, lastUsed: 0 };
        this.#seen.set(image.id, inUse.has(image.id) ? { ...before, lastUsed: now } : before);
      }
      const used = disk.capacityBytes - disk.availableBytes;
      if (used < disk.capacityBytes * this.#limits.high) return;
      const bytes = used - disk.capacityBytes * this.#limits.low;
      const options = { bytes, now, minAgeMs: this.#limits.minAgeMs };
      for (const id of imagesToRemove(images, this.#seen, inUse, options)) {
        await handler.cri.removeImage({ image: { image: id } });
        this.#seen.delete(id);
        this.#logger.info("an unused image was removed to free disk space", { image: id });
      }
    } catch (error) {
      this.#logger.warn("unused images could not be removed; it is tried again", {
        error: errorMessage(error),
      });
    }
  }
}
