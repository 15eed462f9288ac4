import { createHash } from "node:crypto";
import { BerthError } from "@berth/base";
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Volume,
  VolumeAttachment,
} from "../../api/index.ts";
import { type ApiClient, ApiError } from "../../client/contracts.ts";
import { volumeError } from "../errors.ts";
import { podNamespace, podUid } from "../pods/pod-containers.ts";
import { resources } from "../resources.ts";

/** A volume that a driver serves, as the API describes it. */
export interface CsiVolume {
  /** Name of the PersistentVolume, or of the pod's own volume when it is inline. */
  readonly specName: string;
  readonly driver: string;
  readonly handle: string;
  readonly ephemeral: boolean;
  readonly readOnly: boolean;
  readonly fsType: string | undefined;
  readonly mountOptions: readonly string[];
  readonly accessModes: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly stageSecret: { namespace: string; name: string } | undefined;
  readonly publishSecret: { namespace: string; name: string } | undefined;
}

/** Finds out what stands behind a claim or an inline volume. */
export class ClaimReader {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Rejects with volumeError while the claim has no volume. A PersistentVolume of another kind is given as it is. */
  async read(pod: Pod, volume: Volume): Promise<CsiVolume | PersistentVolume> {
    if (volume.csi) return inlineVolume(pod, volume);
    const claimName = volume.persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${volume.name}`;
    const namespace = podNamespace(pod);
    const claim = await this.#get<PersistentVolumeClaim>(
      () => this.#client.resource<PersistentVolumeClaim>(resources.claims).get(claimName, { namespace }),
      `persistentvolumeclaim "${claimName}" not found`,
    );
    const volumeName = claim.spec?.volumeName;
    if (!volumeName || claim.status?.phase !== "Bound") {
      throw new BerthError(
        volumeError,
        `persistentvolumeclaim "${claimName}" has no volume yet; kubectl describe pvc ${claimName} shows what it waits for`,
      );
    }
    const found = await this.#get<PersistentVolume>(
      () => this.#client.resource<PersistentVolume>(resources.volumes).get(volumeName),
      `persistentvolume "${volumeName}" of claim "${claimName}" not found`,
    );
    if (found.spec?.volumeMode === "Block") {
      throw new BerthError(
        volumeError,
        `persistentvolume "${volumeName}" is a raw block device, which this node does not offer; use volumeMode Filesystem`,
      );
    }
    const readOnly = volume.persistentVolumeClaim?.readOnly ?? false;
    return found.spec?.csi ? persistentVolume(found, claim, readOnly) : found;
  }

  /** What the controller side said when it attached the volume to this node. */
  async publishContext(volume: CsiVolume, nodeName: string): Promise<Record<string, string>> {
    const client = this.#client.resource<VolumeAttachment>(resources.attachments);
    const waits = `volume "${volume.specName}" is not attached to the node yet`;
    const { status } = await this.#get(() => client.get(attachmentName(volume, nodeName)), waits);
    if (status?.attached) return status.attachmentMetadata ?? {};
    const why = status?.attachError?.message;
    throw new BerthError(volumeError, `${waits}${why ? `: ${why}` : ""}`);
  }

  async #get<T>(read: () => Promise<T>, absent: string): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (ApiError.is(error, "NotFound")) throw new BerthError(volumeError, absent, { cause: error });
      throw error;
    }
  }
}

/** As every attacher names it, for a node may not look for it in a list. */
function attachmentName({ driver, handle }: CsiVolume, nodeName: string): string {
  return `csi-${createHash("sha256").update(`${handle}${driver}${nodeName}`).digest("hex")}`;
}

function persistentVolume(
  volume: PersistentVolume,
  claim: PersistentVolumeClaim,
  readOnly: boolean,
): CsiVolume {
  const csi = volume.spec.csi!;
  const secret = (ref: typeof csi.nodeStageSecretRef): { namespace: string; name: string } | undefined =>
    ref?.name
      ? { namespace: ref.namespace ?? claim.metadata.namespace ?? "default", name: ref.name }
      : undefined;
  return {
    specName: volume.metadata.name,
    driver: csi.driver,
    handle: csi.volumeHandle,
    ephemeral: false,
    readOnly: readOnly || csi.readOnly === true,
    fsType: csi.fsType,
    mountOptions: volume.spec.mountOptions ?? [],
    accessModes: volume.spec.accessModes ?? [],
    attributes: csi.volumeAttributes ?? {},
    stageSecret: secret(csi.nodeStageSecretRef),
    publishSecret: secret(csi.nodePublishSecretRef),
  };
}

function inlineVolume(pod: Pod, volume: Volume): CsiVolume {
  const csi = volume.csi!;
  const digest = createHash("sha256")
    .update(`${podUid(pod)}${volume.name}`)
    .digest("hex");
  const secretName = csi.nodePublishSecretRef?.name;
  return {
    specName: volume.name,
    driver: csi.driver,
    handle: `csi-${digest}`,
    ephemeral: true,
    readOnly: csi.readOnly ?? false,
    fsType: csi.fsType,
    mountOptions: [],
    accessModes: ["ReadWriteOncePod"],
    attributes: csi.volumeAttributes ?? {},
    stageSecret: undefined,
    publishSecret: secretName ? { namespace: podNamespace(pod), name: secretName } : undefined,
  };
}
