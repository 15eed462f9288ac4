import type { Node, PersistentVolume, PersistentVolumeClaim } from "../generated/types.ts";
import { compareQuantities } from "../quantity/quantity.ts";
import { labelSelectorQuery } from "../selectors/label-selector.ts";
import { matchesLabels } from "../selectors/requirement.ts";
import { matchesNodeSelector } from "./node-selector.ts";

/** Set by the scheduler on a claim that waits for its first consumer: the node on which the pod shall run. */
export const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";

/** On claims: the driver that shall make the volume, for whoever serves that driver. */
export const provisionerAnnotation = "volume.kubernetes.io/storage-provisioner";

export function isBound(claim: PersistentVolumeClaim): boolean {
  return claim.spec.volumeName !== undefined && claim.status?.phase === "Bound";
}

/**
 * The smallest volume that a claim may be bound to: reserved for it, or free and of its class, mode, access modes,
 * labels and size; reachable from the node if one is given.
 */
export function matchVolume(
  claim: PersistentVolumeClaim,
  volumes: Iterable<PersistentVolume>,
  node?: Node,
): PersistentVolume | undefined {
  let best: PersistentVolume | undefined;
  for (const volume of volumes) {
    if (volume.metadata.deletionTimestamp || (node && !isReachable(volume, node))) continue;
    const reserved = volume.spec.claimRef;
    if (reserved) {
      if (isReservedFor(volume, claim)) return volume;
      continue;
    }
    if (!satisfies(volume, claim)) continue;
    if (!best || compareQuantities(capacityOf(volume), capacityOf(best)) < 0) best = volume;
  }
  return best;
}

export function isReservedFor(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const reserved = volume.spec.claimRef;
  return (
    reserved?.name === claim.metadata.name &&
    reserved.namespace === claim.metadata.namespace &&
    (reserved.uid === undefined || reserved.uid === claim.metadata.uid)
  );
}

export function isReachable(volume: PersistentVolume, node: Node): boolean {
  const required = volume.spec.nodeAffinity?.required;
  return !required || matchesNodeSelector(required, node);
}

/** Whether a free volume has everything a claim asks for. */
export function satisfies(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec } = claim;
  return (
    (volume.spec.storageClassName ?? "") === (spec.storageClassName ?? "") &&
    (volume.spec.volumeMode ?? "Filesystem") === (spec.volumeMode ?? "Filesystem") &&
    (spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode)) &&
    (!spec.selector || matchesLabels(labelSelectorQuery(spec.selector), volume.metadata.labels)) &&
    compareQuantities(capacityOf(volume), spec.resources?.requests?.["storage"] ?? "0") >= 0
  );
}

function capacityOf(volume: PersistentVolume): string {
  return volume.spec.capacity?.["storage"] ?? "0";
}
