import { createHash } from "node:crypto";

import { errorMessage } from "@berth/base";

import { formatTime, type PersistentVolume, type Pod, type VolumeAttachment } from "../api/index.ts";
import type { WorkQueue } from "../client/contracts.ts";
import { onEveryChange, reconcileQueue, unlessGone, unlessThere } from "../client/reconcile.ts";
import { clientOf, resources } from "../client/resources.ts";
import { readSecret } from "./read-secret.ts";
import { controllerOf, type VolumePart, type VolumeParts } from "./volume-parts.ts";
import { csiAccessMode } from "./volume-request.ts";

const nodeIdAnnotation = "csi.alpha.kubernetes.io/node-id";
const finalizer = "external-attacher.csi.storage.k8s.io/finalizer";

/**
 * For drivers that attach volumes to nodes: a VolumeAttachment for each volume of a pod and the node it is on, made
 * true by the driver, and undone when the last pod that needs it is gone.
 */
export class Attacher implements VolumePart {
  readonly label = "volume attacher";
  readonly #parts: VolumeParts;
  readonly #volumes: WorkQueue<string>;
  readonly #attachments: WorkQueue<string>;
  readonly #subscription;

  constructor(parts: VolumeParts) {
    this.#parts = parts;
    this.#volumes = reconcileQueue(this.label, parts, (name) => this.#want(name), { parallel: 4 });
    this.#attachments = reconcileQueue("volume attachments", parts, (name) => this.#reconcile(name), {
      parallel: 4,
    });
    const { attachments, pods, volumes, claims } = parts.informers;
    onEveryChange(attachments, ({ metadata }, change) => {
      if (change !== "deleted") this.#attachments.add(metadata.name);
    });
    onEveryChange(pods, (pod) => {
      for (const name of this.#volumesOf(pod)) this.#volumes.add(name);
    });
    onEveryChange(claims, ({ spec }) => {
      if (spec.volumeName) this.#volumes.add(spec.volumeName);
    });
    this.#subscription = parts.duties.onDidChange(() => {
      for (const { metadata } of volumes.list()) this.#volumes.add(metadata.name);
      for (const { metadata } of attachments.list()) this.#attachments.add(metadata.name);
    });
  }

  /** Attachments of pods that went while nobody looked. */
  start(): void {
    for (const { spec } of this.#parts.informers.attachments.list()) {
      if (spec.source.persistentVolumeName) this.#volumes.add(spec.source.persistentVolumeName);
    }
    for (const { metadata } of this.#parts.informers.volumes.list()) this.#volumes.add(metadata.name);
  }

  async dispose(): Promise<void> {
    await this.#subscription.dispose();
    await Promise.all([this.#volumes.dispose(), this.#attachments.dispose()]);
  }

  /** Brings the attachments of one volume to the nodes whose pods use it. */
  async #want(name: string): Promise<void> {
    const { informers, api } = this.#parts;
    const volume = informers.volumes.get(name);
    const csi = volume?.spec.csi;
    if (!csi || !this.#attaches(volume)) return;
    const nodes = new Set(
      informers.pods
        .list()
        .filter((pod) => usesVolumes(pod) && this.#volumesOf(pod).includes(name))
        .map(({ spec }) => spec.nodeName!),
    );
    const client = clientOf(api, resources.volumeAttachments);
    for (const node of nodes) {
      const attachment = attachmentOf(csi.driver, csi.volumeHandle, name, node);
      if (!informers.attachments.get(attachment.metadata.name)) await unlessThere(client.create(attachment));
    }
    for (const { metadata, spec } of informers.attachments.list()) {
      const isSurplus = spec.source.persistentVolumeName === name && !nodes.has(spec.nodeName);
      if (isSurplus && !metadata.deletionTimestamp) await unlessGone(client.delete(metadata.name));
    }
  }

  /** Makes one attachment true, or undoes it. */
  async #reconcile(name: string): Promise<void> {
    const { informers, drivers } = this.#parts;
    const attachment = informers.attachments.get(name);
    if (!attachment || !drivers.driver(attachment.spec.attacher)) return;
    const volume = informers.volumes.get(attachment.spec.source.persistentVolumeName ?? "");
    const found = controllerOf(drivers, attachment.spec.attacher);
    if ("reason" in found || !volume?.spec.csi || !this.#parts.duties.keeps(found.driver, volume)) return;
    try {
      if (attachment.metadata.deletionTimestamp) await this.#detach(attachment, volume, found.controller);
      else if (!attachment.status?.attached) await this.#attach(attachment, volume, found.controller);
    } catch (error) {
      const key = attachment.metadata.deletionTimestamp ? "detachError" : "attachError";
      const problem = { time: formatTime(this.#parts.clock.now()), message: errorMessage(error) };
      await this.#patchStatus(name, { attached: attachment.status?.attached ?? false, [key]: problem });
      throw error;
    }
  }

  /** The finalizer first: from the call on there may be something to undo. */
  async #attach(
    attachment: VolumeAttachment,
    volume: PersistentVolume,
    controller: Controller,
  ): Promise<void> {
    const { name } = attachment.metadata;
    const csi = volume.spec.csi!;
    const { finalizers = [] } = attachment.metadata;
    const nodeId = this.#nodeId(attachment);
    const annotations = { [nodeIdAnnotation]: nodeId };
    if (!finalizers.includes(finalizer))
      await this.#patchMeta(attachment, { finalizers: [...finalizers, finalizer], annotations });
    const isBlock = volume.spec.volumeMode === "Block";
    const [mode = "ReadWriteOnce"] = volume.spec.accessModes ?? [];
    const answer = await controller.controllerPublishVolume({
      volume_id: csi.volumeHandle,
      node_id: nodeId,
      volume_capability: {
        ...(isBlock
          ? { block: {} }
          : { mount: { fs_type: csi.fsType ?? "", mount_flags: volume.spec.mountOptions ?? [] } }),
        access_mode: {
          mode: csiAccessMode(mode, controller.capabilities.has("SINGLE_NODE_MULTI_WRITER")),
        },
      },
      readonly: csi.readOnly ?? false,
      secrets: await readSecret(this.#parts.api, this.#secret(volume)),
      volume_context: csi.volumeAttributes ?? {},
    });
    await this.#patchStatus(name, {
      attached: true,
      attachmentMetadata: answer.publish_context,
      attachError: null,
    });
  }

  async #detach(
    attachment: VolumeAttachment,
    volume: PersistentVolume,
    controller: Controller,
  ): Promise<void> {
    const { finalizers = [] } = attachment.metadata;
    if (!finalizers.includes(finalizer)) return;
    await controller.controllerUnpublishVolume({
      volume_id: volume.spec.csi!.volumeHandle,
      node_id: this.#nodeId(attachment),
      secrets: await readSecret(this.#parts.api, this.#secret(volume)),
    });
    await this.#patchMeta(attachment, { finalizers: finalizers.filter((one) => one !== finalizer) });
  }

  /** What the driver calls the node: as it says there now, or said when it attached. */
  #nodeId({ spec, metadata }: VolumeAttachment): string {
    const drivers = this.#parts.informers.csiNodes.get(spec.nodeName)?.spec.drivers ?? [];
    const id = drivers.find(({ name }) => name === spec.attacher)?.nodeID;
    const known = id ?? metadata.annotations?.[nodeIdAnnotation];
    if (known === undefined)
      throw new Error(
        `node "${spec.nodeName}" has no driver "${spec.attacher}": its CSINode does not list it`,
      );
    return known;
  }

  #secret({ spec }: PersistentVolume): { name: string; namespace: string } | undefined {
    const { name, namespace } = spec.csi?.controllerPublishSecretRef ?? {};
    return name && namespace ? { name, namespace } : undefined;
  }

  #attaches(volume: PersistentVolume): boolean {
    const { drivers, duties } = this.#parts;
    const driver = drivers.driver(volume.spec.csi?.driver ?? "");
    const attaches = driver?.controller?.capabilities.has("PUBLISH_UNPUBLISH_VOLUME") ?? false;
    return driver !== undefined && attaches && duties.keeps(driver, volume);
  }

  #volumesOf({ metadata, spec }: Pod): string[] {
    return (spec.volumes ?? []).flatMap((volume) => {
      const named = volume.persistentVolumeClaim?.claimName;
      const claim = named ?? (volume.ephemeral ? `${metadata.name}-${volume.name}` : undefined);
      if (claim === undefined) return [];
      return this.#parts.informers.claims.get(claim, metadata.namespace)?.spec.volumeName ?? [];
    });
  }

  async #patchMeta(
    { metadata: { name, resourceVersion } }: VolumeAttachment,
    change: Pick<VolumeAttachment["metadata"], "finalizers" | "annotations">,
  ): Promise<void> {
    const patch = { metadata: { resourceVersion, ...change } };
    await unlessGone(clientOf(this.#parts.api, resources.volumeAttachments).patch(name, "merge", patch));
  }

  async #patchStatus(name: string, status: Record<string, unknown>): Promise<void> {
    const client = clientOf(this.#parts.api, resources.volumeAttachments);
    await unlessGone(client.patch(name, "merge", { status }, { subresource: "status" }));
  }
}

type Controller = Extract<ReturnType<typeof controllerOf>, { controller: unknown }>["controller"];

/** A pod keeps its volumes attached until the node has taken it down and its object is gone or finished. */
function usesVolumes({ spec, status }: Pod): boolean {
  return spec.nodeName !== undefined && status?.phase !== "Succeeded" && status?.phase !== "Failed";
}

function attachmentOf(driver: string, handle: string, volume: string, node: string): VolumeAttachment {
  const digest = createHash("sha256").update(`${handle}${driver}${node}`).digest("hex");
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name: `csi-${digest}` },
    spec: { attacher: driver, nodeName: node, source: { persistentVolumeName: volume } },
  };
}
