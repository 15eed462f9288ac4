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
  return isWaiting(node, graph)
    ? { kind: "none" }
    : { kind: "removeFinalizer", finalizer: foregroundFinalizer };
}

/** Owners in a circle all wait for each other: there only what is no part of the circle keeps them. */
function isWaiting(node: GraphNode, graph: OwnerGraph): boolean {
  const awaited = reachable(node, (from) => awaitedBy(from, graph));
  if (!awaited.has(node)) return awaited.size > 0;
  const waiting = reachable(node, (from) => waitingFor(from, graph));
  return [...awaited].some((other) => !waiting.has(other));
}

/** What lies one or more steps away; the start itself when a way leads back to it. */
function reachable(start: GraphNode, next: (from: GraphNode) => readonly GraphNode[]): Set<GraphNode> {
  const found = new Set<GraphNode>();
  const open = [start];
  for (let from = open.pop(); from; from = open.pop()) {
    for (const to of next(from)) {
      if (found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
}

function awaitedBy(node: GraphNode, graph: OwnerGraph): GraphNode[] {
  return isDeletingForeground(node)
    ? graph.dependentsOf(node.uid).filter(({ owners }) => owners.some((owner) => blocks(owner, node.uid)))
    : [];
}

function waitingFor(node: GraphNode, graph: OwnerGraph): GraphNode[] {
  return node.owners
    .filter((owner) => blocks(owner, owner.uid))
    .map(({ uid }) => graph.get(uid))
    .filter((owner) => isDeletingForeground(owner));
}

function blocks(reference: GraphNode["owners"][number], ownerUid: string): boolean {
  return reference.uid === ownerUid && reference.blockOwnerDeletion === true;
}

function isDeletingForeground(owner: GraphNode | undefined): owner is GraphNode {
  return owner !== undefined && owner.isDying && owner.finalizers.includes(foregroundFinalizer);
}
