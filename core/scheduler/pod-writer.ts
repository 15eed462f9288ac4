import type { Clock } from "@berth/base";

import type { Binding, PersistentVolumeClaim, Pod } from "../api/index.ts";
import { formatTime } from "../api/index.ts";
import { selectedNodeAnnotation } from "../api/scheduling/volume-match.ts";
import { type ApiClient, ApiError } from "../client/contracts.ts";
import { clientOf, resources } from "../client/resources.ts";

/** What the scheduler writes through the API. */
export class PodWriter {
  readonly #api: ApiClient;
  readonly #clock: Clock;

  constructor(api: ApiClient, clock: Clock) {
    this.#api = api;
    this.#clock = clock;
  }

  /** Says whether it worked: false when the pod is gone or stands on a node already. */
  async bind(pod: Pod, node: string): Promise<boolean> {
    const { name, namespace = "", uid } = pod.metadata;
    const binding: Binding = {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name, namespace, ...(uid && { uid }) },
      target: { apiVersion: "v1", kind: "Node", name: node },
    };
    try {
      await this.#api
        .resource<Binding>(resources.pods)
        .create(binding, { namespace, name, subresource: "binding" });
      return true;
    } catch (error) {
      if (ApiError.is(error, "NotFound") || ApiError.is(error, "Conflict")) return false;
      throw error;
    }
  }

  /** Tells who provides the claim's volume on which node it is wanted. */
  async selectNode(claim: PersistentVolumeClaim, node: string): Promise<void> {
    const { name, namespace = "" } = claim.metadata;
    const patch = { metadata: { annotations: { [selectedNodeAnnotation]: node } } };
    await clientOf(this.#api, resources.claims).patch(name, "merge", patch, { namespace });
  }

  /** Writes the condition PodScheduled=False unless it says that already; a pod that is gone needs none. */
  async unscheduled(pod: Pod, reason: string, message: string): Promise<void> {
    const known = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    if (known?.status === "False" && known.reason === reason && known.message === message) return;
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason,
      message,
      lastTransitionTime:
        known?.status === "False" ? known.lastTransitionTime : formatTime(this.#clock.now()),
    };
    const { name, namespace = "" } = pod.metadata;
    try {
      await clientOf(this.#api, resources.pods).patch(
        name,
        "strategic",
        { status: { conditions: [condition] } },
        { namespace, subresource: "status" },
      );
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
  }
}
