import type { GraphNode, OwnerGraph } from "./owner-graph.ts";

export const foregroundFinalizer = "foregroundDeletion";
export const orphanFinalizer = "orphan";

/** What has to happen to an object now; owners are given by uid. */
export type GarbageStep =
  | { readonly kind: "none" }
  | { readonly kind: "delete"; readonly policy: "Foreground" | undefined }
  | { readonly kind: "dropOwners"; readonly uids: readonly string[] }
  | { readonly kind: "deleteDependents"; readonly dependents: readonly GraphNode[] }
  | { readonly kind: "orphanDependents"; readonly dependents: readonly GraphNode[] }
  | { readonly kind: "removeFinalizer"; readonly finalizer: string };

/** `isAbsent` says of an owner not in the graph whether it certainly does not exist. */
export function nextGarbageStep(
  node: GraphNode,
  graph: OwnerGraph,
  isAbsent: (ownerUid: string) => boolean,
): GarbageStep {
  if (node.isDying) return stepOfDying(node, graph);
  if (node.owners.length === 0) return { kind: "none" };
  const absent = node.owners.filter(({ uid }) => !graph.get(uid) && isAbsent(uid));
  const waiting = node.owners.filter(({ uid }) => isDeletingForeground(graph.get(uid)));
  const solid = node.owners.length - absent.length - waiting.length;
  if (solid > 0) {
    const uids = [...absent, ...waiting].map(({ uid }) => uid);
    return uids.length > 0 ? { kind: "dropOwners", uids } : { kind: "none" };
  }
  if (waiting.length === 0) return { kind: "delete", policy: undefined };
  // Its own dependents go first, for the owner above waits for all of them.
  const hasDependents = graph.dependentsOf(node.uid).length > 0;
  return { kind: "delete", policy: hasDependents ? "Foreground" : undefined };
}

function stepOfDying(node: GraphNode, graph: OwnerGraph): GarbageStep {
  const dependents = graph.dependentsOf(node.uid);
  if (node.finalizers.includes(orphanFinalizer)) {
    return dependents.length > 0
      ? { kind: "orphanDependents", dependents }
      : { kind: "removeFinalizer", finalizer: orphanFinalizer };
  }
  if (!node.finalizers.includes(foregroundFinalizer)) return { kind: "none" };
  const alive = dependents.filter(({ isDying }) => !isDying);
  if (alive.length > 0) return { kind: "deleteDependents", dependents: alive };
  const blocking = dependents.filter(({ owners }) =>
    owners.some(({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion === true),
  );
  return blocking.length > 0 ? { kind: "none" } : { kind: "removeFinalizer", finalizer: foregroundFinalizer };
}

function isDeletingForeground(owner: GraphNode | undefined): boolean {
  return owner !== undefined && owner.isDying && owner.finalizers.includes(foregroundFinalizer);
}
