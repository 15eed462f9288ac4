import { chmod, chown, mkdir } from "node:fs/promises";
import { isMountPoint, mountTmpfs } from "@berth/linux";
import { quantityValue } from "../../api/quantity/quantity.ts";
import type { Pod, Volume } from "../../api/index.ts";
import { podUid } from "../pods/pod-containers.ts";
import type { MountedVolume, VolumeKind } from "./volume-kind.ts";
import type { VolumeLayout } from "./volume-layout.ts";

const everybody = 0o777;
const groupInherited = 0o2777;

/** A folder as old as its pod; `medium: Memory` keeps it in memory. */
export class EmptyDirVolumes implements VolumeKind {
  readonly #layout: VolumeLayout;

  constructor(layout: VolumeLayout) {
    this.#layout = layout;
  }

  accepts(volume: Volume): boolean {
    return volume.emptyDir !== undefined;
  }

  async setUp(pod: Pod, volume: Volume): Promise<MountedVolume> {
    const path = this.#layout.volume(podUid(pod), "kubernetes.io~empty-dir", volume.name);
    await mkdir(path, { recursive: true });
    const { medium, sizeLimit } = volume.emptyDir ?? {};
    if (medium === "Memory" && !isMountPoint(path)) {
      mountTmpfs(path, {
        mode: everybody,
        ...(sizeLimit === undefined || sizeLimit === "0" ? {} : { sizeBytes: quantityValue(sizeLimit) }),
      });
    }
    const group = pod.spec?.securityContext?.fsGroup;
    if (group !== undefined) await chown(path, -1, group);
    await chmod(path, group === undefined ? everybody : groupInherited);
    return { name: volume.name, path, readOnly: false };
  }
}
