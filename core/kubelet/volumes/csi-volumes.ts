import { mkdir, rm, rmdir } from "node:fs/promises";
import { BerthError } from "@berth/base";
import { isMountPoint } from "@berth/linux";
import type { VolumeCapability } from "@berth/proto/generated/csi/csi/v1/VolumeCapability.ts";
import type { Pod, Volume } from "../../api/index.ts";
import { type CsiDriver, type CsiDrivers, VerbError } from "../../pluginhost/contracts/index.ts";
import type { ConfigSources } from "../environment/container-environment.ts";
import { volumeError } from "../errors.ts";
import { podNamespace, podUid } from "../pods/pod-containers.ts";
import { mountCapability } from "./csi-capability.ts";
import type { ClaimReader, CsiVolume } from "./csi-claim.ts";
import {
  type CsiRecord,
  isCsiVolumeInUse,
  listCsiRecords,
  readCsiRecord,
  removeCsiRecord,
  writeCsiRecord,
} from "./csi-record.ts";
import { applyGroup } from "./fs-group.ts";
import { KeyedMutex } from "./keyed-mutex.ts";
import type { MountedVolume, VolumeKind } from "./volume-kind.ts";
import type { VolumeLayout } from "./volume-layout.ts";

export interface CsiVolumeParts {
  readonly drivers: CsiDrivers;
  readonly claims: ClaimReader;
  readonly sources: ConfigSources;
  readonly layout: VolumeLayout;
  readonly nodeName: string;
}

/** Claims and inline volumes that a CSI driver serves: staged once on the node, published for each pod. */
export class CsiVolumes implements VolumeKind {
  readonly #parts: CsiVolumeParts;
  /** By driver and volume: staging and its end exclude each other. */
  readonly #volumes = new KeyedMutex();

  constructor(parts: CsiVolumeParts) {
    this.#parts = parts;
  }

  accepts(volume: Volume): boolean {
    return (volume.persistentVolumeClaim ?? volume.csi ?? volume.ephemeral) !== undefined;
  }

  async setUp(pod: Pod, volume: Volume): Promise<MountedVolume> {
    const found = await this.#parts.claims.read(pod, volume);
    if (!("driver" in found)) {
      const path = found.spec?.hostPath?.path ?? found.spec?.local?.path;
      if (path) return { name: volume.name, path, readOnly: volume.persistentVolumeClaim?.readOnly ?? false };
      throw new BerthError(
        volumeError,
        `persistentvolume "${found.metadata.name}" is of a kind that this node does not mount; use a CSI driver`,
      );
    }
    const target = this.#parts.layout.csiTarget(podUid(pod), found.specName);
    const published = await readCsiRecord(this.#parts.layout.csiRecord(podUid(pod), found.specName));
    if (!(published && isMountPoint(target))) {
      const driver = this.#driver(found.driver);
      await this.#volumes.run(key(found.driver, found.handle), () =>
        this.#publish(pod, found, driver, target),
      );
    }
    return { name: volume.name, path: target, readOnly: found.readOnly };
  }

  /** Unpublishes everything that was published for a pod, and ends staging that no other pod needs. */
  async tearDown(uid: string): Promise<void> {
    for (const [name, record] of await listCsiRecords(this.#parts.layout, uid)) {
      const driver = this.#driver(record.driverName);
      await this.#volumes.run(key(record.driverName, record.volumeHandle), () =>
        this.#unpublish(uid, name, record, driver),
      );
    }
  }

  #driver(name: string): CsiDriver {
    const driver = this.#parts.drivers.driver(name);
    if (driver?.ready) return driver;
    throw new BerthError(
      volumeError,
      driver
        ? `CSI driver "${name}" is not ready on this node; kubectl get plugininstances shows why`
        : `no plugin on this node offers the CSI driver "${name}"; install it or correct the volume's driver`,
    );
  }

  async #publish(pod: Pod, volume: CsiVolume, driver: CsiDriver, target: string): Promise<void> {
    const { layout, nodeName } = this.#parts;
    const fsGroup = pod.spec?.securityContext?.fsGroup;
    const capability = mountCapability(volume, { capabilities: driver.nodeCapabilities, fsGroup });
    const attaches = driver.controller?.capabilities.has("PUBLISH_UNPUBLISH_VOLUME") ?? false;
    const context =
      attaches && !volume.ephemeral ? await this.#parts.claims.publishContext(volume, nodeName) : {};
    const record: CsiRecord = {
      specVolID: volume.specName,
      driverName: volume.driver,
      volumeHandle: volume.handle,
      nodeName,
      volumeLifecycleMode: volume.ephemeral ? "Ephemeral" : "Persistent",
    };
    await writeCsiRecord(layout.csiRecord(podUid(pod), volume.specName), record);
    const staging = await this.#stage(volume, driver, capability, context);
    await driver.node.nodePublishVolume({
      volume_id: volume.handle,
      publish_context: context,
      staging_target_path: staging,
      target_path: target,
      volume_capability: capability,
      readonly: volume.readOnly,
      secrets: await this.#secrets(volume.publishSecret),
      volume_context: { ...volume.attributes, ...podContext(pod, volume) },
    });
    if (fsGroup !== undefined && !driver.nodeCapabilities.has("VOLUME_MOUNT_GROUP") && !volume.readOnly) {
      await applyGroup(target, fsGroup, pod.spec?.securityContext?.fsGroupChangePolicy);
    }
  }

  /** The staging path; empty when the driver does not stage. */
  async #stage(
    volume: CsiVolume,
    driver: CsiDriver,
    capability: VolumeCapability,
    context: Record<string, string>,
  ): Promise<string> {
    if (volume.ephemeral || !driver.nodeCapabilities.has("STAGE_UNSTAGE_VOLUME")) return "";
    const staging = this.#parts.layout.csiStaging(volume.driver, volume.handle);
    await mkdir(staging, { recursive: true, mode: 0o750 });
    await driver.node.nodeStageVolume({
      volume_id: volume.handle,
      publish_context: context,
      staging_target_path: staging,
      volume_capability: capability,
      secrets: await this.#secrets(volume.stageSecret),
      volume_context: { ...volume.attributes },
    });
    return staging;
  }

  async #unpublish(uid: string, name: string, record: CsiRecord, driver: CsiDriver): Promise<void> {
    const { layout } = this.#parts;
    const target = layout.csiTarget(uid, name);
    await unlessGone(
      driver.node.nodeUnpublishVolume({ volume_id: record.volumeHandle, target_path: target }),
    );
    if (isMountPoint(target)) {
      throw new BerthError(
        volumeError,
        `${record.driverName} unpublished volume ${name} but ${target} is still mounted`,
      );
    }
    const staged =
      record.volumeLifecycleMode === "Persistent" && driver.nodeCapabilities.has("STAGE_UNSTAGE_VOLUME");
    if (staged && !(await isCsiVolumeInUse(layout, record, uid))) {
      const staging = layout.csiStaging(record.driverName, record.volumeHandle);
      await unlessGone(
        driver.node.nodeUnstageVolume({ volume_id: record.volumeHandle, staging_target_path: staging }),
      );
      if (!isMountPoint(staging)) {
        await rmdir(staging).catch(ignoreAbsent);
        await rm(layout.csiStagingFolder(record.driverName, record.volumeHandle), {
          recursive: true,
          force: true,
        });
      }
    }
    await rmdir(target).catch(ignoreAbsent);
    await removeCsiRecord(layout.csiRecord(uid, name));
    await rmdir(layout.csiVolume(uid, name)).catch(ignoreAbsent);
  }

  async #secrets(ref: { namespace: string; name: string } | undefined): Promise<Record<string, string>> {
    if (!ref) return {};
    const secret = await this.#parts.sources.secret(ref.namespace, ref.name);
    if (!secret)
      throw new BerthError(volumeError, `secret "${ref.namespace}/${ref.name}" of the volume not found`);
    return Object.fromEntries(
      Object.entries(secret.data ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value, "base64").toString("utf8"),
      ]),
    );
  }
}

const key = (driver: string, handle: string): string => `${driver} ${handle}`;

/** Drivers that ask for it find the pod in the volume's context; others ignore it. */
function podContext(pod: Pod, volume: CsiVolume): Record<string, string> {
  return {
    "csi.storage.k8s.io/pod.name": pod.metadata.name,
    "csi.storage.k8s.io/pod.namespace": podNamespace(pod),
    "csi.storage.k8s.io/pod.uid": podUid(pod),
    "csi.storage.k8s.io/serviceAccount.name": pod.spec?.serviceAccountName ?? "default",
    "csi.storage.k8s.io/ephemeral": String(volume.ephemeral),
  };
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof VerbError && error.code === "NOT_FOUND")) throw error;
  }
}

function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
