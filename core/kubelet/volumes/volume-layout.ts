import { createHash } from "node:crypto";
import { join } from "node:path";

/**
 * Where things of pods lie below the kubelet's root, as upstream drivers and tools expect them
 * (Kubernetes, "kubelet" layout of /var/lib/kubelet).
 */
export class VolumeLayout {
  readonly root: string;

  constructor(kubeletRoot: string) {
    this.root = kubeletRoot;
  }

  get podsFolder(): string {
    return join(this.root, "pods");
  }

  pod(uid: string): string {
    return join(this.podsFolder, uid);
  }

  volumes(uid: string): string {
    return join(this.pod(uid), "volumes");
  }

  /** `plugin`: "kubernetes.io~empty-dir". */
  volume(uid: string, plugin: string, name: string): string {
    return join(this.volumes(uid), plugin, name);
  }

  subPaths(uid: string): string {
    return join(this.pod(uid), "volume-subpaths");
  }

  subPath(uid: string, volume: string, container: string, index: number): string {
    return join(this.subPaths(uid), volume, container, String(index));
  }

  hosts(uid: string): string {
    return join(this.pod(uid), "etc-hosts");
  }

  terminationMessage(uid: string, container: string, attempt: number): string {
    return join(this.pod(uid), "containers", container, `${attempt}-termination-log`);
  }

  /** Target of NodePublishVolume. */
  csiTarget(uid: string, volumeName: string): string {
    return join(this.csiVolume(uid, volumeName), "mount");
  }

  csiVolume(uid: string, volumeName: string): string {
    return this.volume(uid, "kubernetes.io~csi", volumeName);
  }

  /** What the node must know to take the volume away again, in upstream's own file. */
  csiRecord(uid: string, volumeName: string): string {
    return join(this.csiVolume(uid, volumeName), "vol_data.json");
  }

  /** Staging target of NodeStageVolume, one for each volume of a driver. */
  csiStaging(driver: string, volumeHandle: string): string {
    return join(this.csiStagingFolder(driver, volumeHandle), "globalmount");
  }

  csiStagingFolder(driver: string, volumeHandle: string): string {
    const digest = createHash("sha256").update(volumeHandle).digest("hex");
    return join(this.root, "plugins", "kubernetes.io", "csi", driver, digest);
  }
}
