import { errorMessage } from "@berth/base";

import {
  compareQuantities,
  formatTime,
  type PersistentVolume,
  type PersistentVolumeClaim,
} from "../api/index.ts";
import type { WorkQueue } from "../client/contracts.ts";
import { onEveryChange, reconcileQueue, splitKey } from "../client/reconcile.ts";
import { clientOf, resources } from "../client/resources.ts";
import { readSecret } from "./read-secret.ts";
import { controllerOf, type VolumePart, type VolumeParts } from "./volume-parts.ts";
import { readableBytes, requestedBytes } from "./volume-request.ts";

/** Grows bound volumes whose claims ask for more. What the node has to do then is said in the claim's conditions. */
export class Expander implements VolumePart {
  readonly label = "volume expander";
  readonly #parts: VolumeParts;
  readonly #queue: WorkQueue<string>;
  readonly #subscription;

  constructor(parts: VolumeParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key));
    const add = ({ metadata }: PersistentVolumeClaim): void =>
      this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    onEveryChange(parts.informers.claims, (claim, change) => {
      if (change !== "deleted" && wantsMore(claim)) add(claim);
    });
    this.#subscription = parts.duties.onDidChange(() => {
      for (const claim of parts.informers.claims.list()) if (wantsMore(claim)) add(claim);
    });
  }

  async dispose(): Promise<void> {
    await this.#subscription.dispose();
    await this.#queue.dispose();
  }

  async #reconcile(key: string): Promise<void> {
    const { informers, drivers } = this.#parts;
    const { namespace, name } = splitKey(key);
    const claim = informers.claims.get(name, namespace);
    if (!claim || !wantsMore(claim) || claim.metadata.deletionTimestamp) return;
    const volume = informers.volumes.get(claim.spec.volumeName ?? "");
    if (!volume?.spec.csi) return;
    if (isEnough(volume, claim)) return;
    const storageClass = informers.storageClasses.get(claim.spec.storageClassName ?? "");
    if (!storageClass?.allowVolumeExpansion) {
      const message = `storage class "${claim.spec.storageClassName}" does not allow expansion (allowVolumeExpansion)`;
      return this.#event(claim, "ExternalExpanding", message);
    }
    const found = controllerOf(drivers, volume.spec.csi.driver);
    if ("reason" in found) return this.#event(claim, "ExternalExpanding", found.reason);
    if (!this.#parts.duties.keeps(found.driver, volume)) return;
    if (!found.controller.capabilities.has("EXPAND_VOLUME")) {
      return this.#event(
        claim,
        "VolumeResizeFailed",
        `driver "${volume.spec.csi.driver}" cannot grow volumes`,
      );
    }
    try {
      await this.#expand(claim, volume, found.controller);
    } catch (error) {
      this.#event(claim, "VolumeResizeFailed", errorMessage(error));
      throw error;
    }
  }

  async #expand(
    claim: PersistentVolumeClaim,
    volume: PersistentVolume,
    controller: Extract<ReturnType<typeof controllerOf>, { controller: unknown }>["controller"],
  ): Promise<void> {
    const { api, clock } = this.#parts;
    const csi = volume.spec.csi!;
    const reference = csi.controllerExpandSecretRef;
    const { name: secretName, namespace: secretNamespace } = reference ?? {};
    const secret =
      secretName && secretNamespace ? { name: secretName, namespace: secretNamespace } : undefined;
    const answer = await controller.controllerExpandVolume({
      volume_id: csi.volumeHandle,
      capacity_range: { required_bytes: String(requestedBytes(claim)) },
      secrets: await readSecret(api, secret),
    });
    const storage = readableBytes(Number(answer.capacity_bytes));
    await clientOf(api, resources.volumes).patch(volume.metadata.name, "merge", {
      spec: { capacity: { storage } },
    });
    const pending = {
      type: "FileSystemResizePending",
      status: "True",
      message: "Waiting for the node to grow the file system of the volume.",
      lastTransitionTime: formatTime(clock.now()),
    };
    const status = answer.node_expansion_required
      ? { conditions: [pending] }
      : { capacity: { storage }, conditions: [] };
    const scope = { namespace: claim.metadata.namespace ?? "", subresource: "status" };
    await clientOf(api, resources.claims).patch(claim.metadata.name, "merge", { status }, scope);
  }

  #event(claim: PersistentVolumeClaim, reason: string, message: string): void {
    const about = { ...claim, apiVersion: "v1", kind: "PersistentVolumeClaim" };
    this.#parts.events.event(about, "Warning", reason, message);
  }
}

function wantsMore({ spec, status }: PersistentVolumeClaim): boolean {
  if (status?.phase !== "Bound") return false;
  const [wanted, there] = [spec.resources?.requests?.["storage"], status.capacity?.["storage"]];
  return wanted !== undefined && there !== undefined && compareQuantities(wanted, there) > 0;
}

/** The controller side is done; the node's may be outstanding. */
function isEnough({ spec }: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const wanted = claim.spec.resources?.requests?.["storage"] ?? "0";
  return compareQuantities(spec.capacity?.["storage"] ?? "0", wanted) >= 0;
}
