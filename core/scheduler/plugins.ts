import { hostPorts } from "./filters/host-ports.ts";
import { nodeAffinity } from "./filters/node-affinity.ts";
import { pluginReadiness } from "./filters/plugin-readiness.ts";
import { podAffinity } from "./filters/pod-affinity.ts";
import { resources } from "./filters/resources.ts";
import { runtimeClassExists, runtimeClassNodes } from "./filters/runtime-class.ts";
import { taints } from "./filters/taints.ts";
import { topologySpread } from "./filters/topology-spread.ts";
import { unschedulable } from "./filters/unschedulable.ts";
import { claimsReady, volumes } from "./filters/volumes.ts";
import type { Filter, Precondition, Score } from "./model.ts";
import { imageLocality } from "./scores/image-locality.ts";
import { preferredNeighbours, preferredNodes, preferredTaints, spreading } from "./scores/preferences.ts";
import { balancedAllocation, leastAllocated } from "./scores/resources.ts";

export interface SchedulingPlugins {
  readonly preconditions: readonly Precondition[];
  /** The cheap ones that refuse most come first; a node's first refusing filter speaks for it. */
  readonly filters: readonly Filter[];
  readonly scores: readonly Score[];
}

export const standardPlugins: SchedulingPlugins = {
  preconditions: [runtimeClassExists, claimsReady],
  filters: [
    unschedulable,
    taints,
    nodeAffinity,
    runtimeClassNodes,
    hostPorts,
    pluginReadiness,
    resources,
    volumes,
    topologySpread,
    podAffinity,
  ],
  scores: [
    leastAllocated,
    balancedAllocation,
    imageLocality,
    preferredNodes,
    preferredTaints,
    preferredNeighbours,
    spreading,
  ],
};
