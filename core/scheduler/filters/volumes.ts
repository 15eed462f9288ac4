import type { PersistentVolumeClaim } from "../../api/index.ts";
import {
  isBound,
  isReachable,
  matchVolume,
  selectedNodeAnnotation,
} from "../../api/scheduling/volume-match.ts";
import type { Cluster, Filter, PodInfo, Precondition } from "../model.ts";
import { podClaims } from "../pod-claims.ts";

const noProvisioner = "kubernetes.io/no-provisioner";

/** Claims that must be there, and bound unless their class waits for the first consumer. */
export const claimsReady: Precondition = {
  name: "claims",
  wakesOn: new Set(["storage"]),
  check(pod, cluster) {
    for (const { name, claim } of podClaims(pod, cluster)) {
      if (!claim) return `persistentvolumeclaim "${name}" not found`;
      if (claim.metadata.deletionTimestamp) return `persistentvolumeclaim "${name}" is being deleted`;
      if (claim.status?.phase === "Lost") return `persistentvolumeclaim "${name}" has lost its volume`;
      if (!isBound(claim) && !waitsForConsumer(claim, cluster)) {
        return "pod has unbound immediate PersistentVolumeClaims";
      }
      if (isBound(claim) && !cluster.volume(claim.spec.volumeName!)) {
        return `persistentvolumeclaim "${name}" is bound to volume "${claim.spec.volumeName}", which does not exist`;
      }
    }
    return undefined;
  },
};

/** Bound volumes must be reachable from the node; for the others a volume must be there or be made for the node. */
export const volumes: Filter = {
  name: "volumes",
  wakesOn: new Set(["storage", "node"]),
  check(pod, { node }, cluster) {
    for (const { claim } of podClaims(pod, cluster)) {
      if (!claim) continue;
      if (isBound(claim)) {
        const volume = cluster.volume(claim.spec.volumeName!);
        if (volume && !isReachable(volume, node)) {
          return [{ reason: "node(s) had volume node affinity conflict" }];
        }
        continue;
      }
      const selected = claim.metadata.annotations?.[selectedNodeAnnotation];
      if (selected !== undefined && selected !== node.metadata.name) {
        return [{ reason: "node(s) were not the one chosen for a volume that is being made" }];
      }
      if (canBeMade(claim, cluster) || matchVolume(claim, cluster.volumes(), node)) continue;
      return [{ reason: "node(s) didn't find available persistent volumes to bind" }];
    }
    return undefined;
  },
};

/** Claims whose volumes are made or chosen only now that the pod's node is known. */
export function claimsToBind(pod: PodInfo, cluster: Cluster): PersistentVolumeClaim[] {
  return podClaims(pod, cluster).flatMap(({ claim }) => (claim && !isBound(claim) ? [claim] : []));
}

function waitsForConsumer(claim: PersistentVolumeClaim, cluster: Cluster): boolean {
  const storageClass = cluster.storageClass(claim.spec.storageClassName ?? "");
  return storageClass?.volumeBindingMode === "WaitForFirstConsumer";
}

function canBeMade(claim: PersistentVolumeClaim, cluster: Cluster): boolean {
  const storageClass = cluster.storageClass(claim.spec.storageClassName ?? "");
  return storageClass !== undefined && storageClass.provisioner !== noProvisioner;
}
