import { errorMessage } from "@berth/base";

import type { PersistentVolume } from "../api/index.ts";
import type { WorkQueue } from "../client/contracts.ts";
import { onEveryChange, reconcileQueue, unlessGone } from "../client/reconcile.ts";
import { clientOf, resources } from "../client/resources.ts";
import { retryOnConflict } from "../client/retry-on-conflict.ts";
import { readSecret } from "./read-secret.ts";
import { controllerOf, type VolumePart, type VolumeParts } from "./volume-parts.ts";
import { deletionSecret, provisionedByAnnotation, provisionerFinalizer } from "./volume-request.ts";

/** Deletes what released volumes stand for, then the volumes themselves. */
export class VolumeRemover implements VolumePart {
  readonly label = "volume remover";
  readonly #parts: VolumeParts;
  readonly #queue: WorkQueue<string>;
  readonly #subscription;

  constructor(parts: VolumeParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (name) => this.#reconcile(name), { parallel: 4 });
    const { volumes, attachments } = parts.informers;
    onEveryChange(volumes, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(metadata.name);
    });
    attachments.onDidDelete(({ spec }) => {
      if (spec.source.persistentVolumeName) this.#queue.add(spec.source.persistentVolumeName);
    });
    this.#subscription = parts.duties.onDidChange(() => {
      for (const { metadata } of volumes.list()) this.#queue.add(metadata.name);
    });
  }

  async dispose(): Promise<void> {
    await this.#subscription.dispose();
    await this.#queue.dispose();
  }

  async #reconcile(name: string): Promise<void> {
    const { informers, api, drivers } = this.#parts;
    const volume = informers.volumes.get(name);
    const csi = volume?.spec.csi;
    if (!volume || !csi || volume.metadata.annotations?.[provisionedByAnnotation] !== csi.driver) return;
    const isDying = volume.metadata.deletionTimestamp !== undefined;
    if (volume.status?.phase !== "Released" && !isDying) return;
    if (this.#hasClaim(volume) || this.#isAttached(name)) return;
    if (volume.spec.persistentVolumeReclaimPolicy === "Delete") {
      const found = controllerOf(drivers, csi.driver);
      if ("reason" in found) return this.#event(volume, "VolumeDeletionWaiting", found.reason);
      if (!this.#parts.duties.keeps(found.driver, volume)) return;
      try {
        const secrets = await readSecret(api, deletionSecret(volume));
        await found.controller.deleteVolume({ volume_id: csi.volumeHandle, secrets });
      } catch (error) {
        this.#event(volume, "VolumeFailedDelete", errorMessage(error));
        throw error;
      }
      if (!isDying) await unlessGone(clientOf(api, resources.volumes).delete(name));
    } else if (!isDying) return;
    await this.#letGo(volume);
  }

  #hasClaim({ spec }: PersistentVolume): boolean {
    const { name = "", namespace, uid } = spec.claimRef ?? {};
    return uid !== undefined && this.#parts.informers.claims.get(name, namespace)?.metadata.uid === uid;
  }

  #isAttached(name: string): boolean {
    return this.#parts.informers.attachments
      .list()
      .some(({ spec }) => spec.source.persistentVolumeName === name);
  }

  /** Read anew: deleting has changed it, and the protection controller changes the same list. */
  async #letGo({ metadata: { name } }: PersistentVolume): Promise<void> {
    const client = clientOf(this.#parts.api, resources.volumes);
    await unlessGone(
      retryOnConflict(async () => {
        const { finalizers = [], resourceVersion } = (await client.get(name)).metadata;
        const rest = finalizers.filter((one) => one !== provisionerFinalizer);
        await client.patch(name, "merge", { metadata: { resourceVersion, finalizers: rest } });
      }),
    );
  }

  #event(volume: PersistentVolume, reason: string, message: string): void {
    const about = { ...volume, apiVersion: "v1", kind: "PersistentVolume" };
    this.#parts.events.event(about, "Warning", reason, message);
  }
}
