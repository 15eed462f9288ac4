import { createHash } from "node:crypto";
import type { PodContainer } from "../pods/pod-containers.ts";

/**
 * Digest of what of a container cannot change while it runs. Of a pod in service the API lets only the image be
 * changed (and resources, through `resize`), so name and image suffice, and a default added later restarts nothing.
 */
export function containerHash(container: PodContainer): string {
  const { name, image } = container.spec;
  return createHash("sha256")
    .update(JSON.stringify([name, image]))
    .digest("hex")
    .slice(0, 16);
}
