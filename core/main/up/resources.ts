import { berthGroup, berthVersion } from "../../api/berth/types.ts";
import type { ResourceName } from "../../client/contracts.ts";

export const instancesOf: ResourceName = {
  group: berthGroup,
  version: berthVersion,
  resource: "plugininstances",
  namespaced: false,
};
export const nodesOf: ResourceName = { group: "", version: "v1", resource: "nodes", namespaced: false };
export const podsOf: ResourceName = { group: "", version: "v1", resource: "pods", namespaced: true };
