import type { PersistentVolume, PersistentVolumeStatus } from "../../api/index.ts";
import { formatTime } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, unlessGone } from "../../client/reconcile.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { boundByControllerAnnotation } from "./claim-binding.ts";

/**
 * Keeps the phase of volumes: available, bound, or released when the claim is gone. Deleting what a released volume
 * stands for is for whoever serves its driver.
 */
export class VolumeController implements Controller {
  readonly label = "volume controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (name) => this.#reconcile(name), { parallel: 4 });
    const { claims, volumes } = parts.informers;
    onEveryChange(volumes, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(metadata.name);
    });
    onEveryChange(claims, ({ metadata }) => {
      for (const volume of volumes.byIndex("claim", `${metadata.namespace}/${metadata.name}`)) {
        this.#queue.add(volume.metadata.name);
      }
    });
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(name: string): Promise<void> {
    const volume = this.#parts.informers.volumes.get(name);
    if (!volume || volume.metadata.deletionTimestamp) return;
    const status = await this.#wantedStatus(volume);
    if (!status || (volume.status?.phase === status.phase && volume.status?.message === status.message))
      return;
    const patch = {
      status: {
        ...status,
        message: status.message ?? null,
        lastPhaseTransitionTime: formatTime(this.#parts.clock.now()),
      },
    };
    await unlessGone(
      clientOf(this.#parts.api, resources.volumes).patch(name, "merge", patch, { subresource: "status" }),
    );
  }

  /** Undefined where the phase is not ours to change. */
  async #wantedStatus(volume: PersistentVolume): Promise<PersistentVolumeStatus | undefined> {
    const { claimRef } = volume.spec;
    if (!claimRef?.uid) return { phase: "Available" };
    const claim = this.#parts.informers.claims.get(claimRef.name ?? "", claimRef.namespace);
    if (claim?.metadata.uid === claimRef.uid) {
      // The reservation of a volume that was just made holds before its claim has been told.
      return claim.spec.volumeName === volume.metadata.name ? { phase: "Bound" } : undefined;
    }
    const wasBound = volume.status?.phase === "Bound" || volume.status?.phase === "Released";
    if (!wasBound && volume.metadata.annotations?.[boundByControllerAnnotation]) {
      await this.#free(volume);
      return { phase: "Available" };
    }
    if (volume.status?.phase === "Failed") return undefined;
    if (volume.spec.persistentVolumeReclaimPolicy === "Recycle") {
      const message = "Recycle is not supported: use Delete or Retain";
      return { phase: "Failed", reason: "RecycleUnsupported", message };
    }
    return { phase: "Released" };
  }

  /** The claim vanished before it was ever bound. */
  async #free(volume: PersistentVolume): Promise<void> {
    const { name, resourceVersion } = volume.metadata;
    await clientOf(this.#parts.api, resources.volumes).patch(name, "merge", {
      metadata: { resourceVersion, annotations: { [boundByControllerAnnotation]: null } },
      spec: { claimRef: null },
    });
  }
}
