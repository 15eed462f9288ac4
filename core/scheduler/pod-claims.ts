import type { PersistentVolumeClaim } from "../api/index.ts";
import type { Cluster, PodInfo } from "./model.ts";

/** The claims a pod names, and those made for it from its ephemeral volumes; `claim` is undefined while absent. */
export function podClaims(
  { pod }: PodInfo,
  cluster: Cluster,
): { name: string; claim: PersistentVolumeClaim | undefined }[] {
  const names = (pod.spec.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata.name}-${volume.name}`] : [];
  });
  return names.map((name) => ({ name, claim: cluster.claim(pod.metadata.namespace ?? "", name) }));
}
