import type { JsonObject } from "@berth/verbs";
import type { NetworkList } from "../chain/network-list.ts";
import type { Target } from "../chain/run-program.ts";

/** Everything that DEL and CHECK need: written before ADD begins, and again with its result. */
export interface AttachmentRecord extends Target {
  /** The list that made it: the configuration may be another one by now. */
  readonly list: NetworkList;
  readonly runtime: JsonObject;
  /** As the last program answered it; absent while ADD has not ended well. */
  readonly result?: JsonObject;
}

/** CONTAINER/IFNAME. */
export function keyText({ containerId, ifname }: Pick<Target, "containerId" | "ifname">): string {
  return `${containerId}/${ifname}`;
}
