import { readdir, rm } from "node:fs/promises";
import { BerthError, errorMessage } from "@berth/base";
import { listMountsUnder, unmount } from "@berth/linux";
import type { Pod, Volume } from "../../api/index.ts";
import { volumeError } from "../errors.ts";
import { podUid } from "../pods/pod-containers.ts";
import type { PodVolumes } from "../pods/pod-parts.ts";
import type { CsiVolumes } from "./csi-volumes.ts";
import type { SubPaths } from "./sub-paths.ts";
import type { MountedVolume, VolumeKind } from "./volume-kind.ts";
import type { VolumeLayout } from "./volume-layout.ts";

/** The volumes of all pods of the node. */
export class NodeVolumes implements PodVolumes {
  readonly #layout: VolumeLayout;
  readonly #kinds: readonly VolumeKind[];
  readonly #csi: CsiVolumes;
  readonly #subPaths: SubPaths;
  readonly #mounted = new Map<string, Map<string, MountedVolume>>();

  constructor(parts: {
    layout: VolumeLayout;
    /** Kinds other than CSI. */
    kinds: readonly VolumeKind[];
    csi: CsiVolumes;
    subPaths: SubPaths;
  }) {
    this.#layout = parts.layout;
    this.#kinds = [...parts.kinds, parts.csi];
    this.#csi = parts.csi;
    this.#subPaths = parts.subPaths;
  }

  /** A volume of a pod that was mounted, by the name it has there. */
  mounted(uid: string, name: string): MountedVolume | undefined {
    return this.#mounted.get(uid)?.get(name);
  }

  async mount(pod: Pod, signal: AbortSignal): Promise<void> {
    const mounted = this.#mounted.get(podUid(pod)) ?? new Map<string, MountedVolume>();
    this.#mounted.set(podUid(pod), mounted);
    const missing = (pod.spec?.volumes ?? []).filter((volume) => !mounted.has(volume.name));
    const outcomes = await Promise.allSettled(
      missing.map(async (volume) =>
        mounted.set(volume.name, await this.#kind(volume).setUp(pod, volume, signal)),
      ),
    );
    const failures = outcomes.flatMap((outcome, index) =>
      outcome.status === "rejected" ? [describe(missing[index]!, outcome.reason)] : [],
    );
    if (failures.length > 0) throw new BerthError(volumeError, failures.join("; "));
  }

  async refresh(pod: Pod): Promise<void> {
    for (const volume of pod.spec?.volumes ?? []) await this.#kind(volume).refresh?.(pod, volume);
  }

  async unmount(uid: string): Promise<void> {
    this.#subPaths.tearDown(uid);
    await this.#csi.tearDown(uid);
    const folder = this.#layout.volumes(uid);
    for (const left of listMountsUnder(folder)) {
      if (left.type === "tmpfs") unmount(left.target);
    }
    const [left] = listMountsUnder(folder);
    // Deleting through a mount would delete what is mounted.
    if (left)
      throw new BerthError(
        volumeError,
        `${left.target} is still mounted; unmount it, then the pod's files are removed`,
      );
    await rm(folder, { recursive: true, force: true });
    this.#mounted.delete(uid);
  }

  /** Pods of which anything lies on the node. */
  async leftOnDisk(): Promise<string[]> {
    return readdir(this.#layout.podsFolder).catch(() => []);
  }

  #kind(volume: Volume): VolumeKind {
    const kind = this.#kinds.find((candidate) => candidate.accepts(volume));
    if (kind) return kind;
    const field = Object.keys(volume).find((name) => name !== "name") ?? "(none)";
    throw new BerthError(volumeError, `volume type ${field} is not offered by this node; use a CSI driver`);
  }
}

function describe(volume: Volume, reason: unknown): string {
  const why = errorMessage(reason);
  const prefix = `MountVolume.SetUp failed for volume "${volume.name}"`;
  return why.startsWith(prefix) ? why : `${prefix}: ${why}`;
}
