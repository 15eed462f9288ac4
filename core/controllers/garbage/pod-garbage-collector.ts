import type { Pod } from "../../api/index.ts";
import { ApiError, type WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";

/** A node that is away for less than this may just be registering anew. */
const graceMs = 40_000;

/** Removes pods nobody else will: those of nodes that no longer exist, and dying ones that never had a node. */
export class PodGarbageCollector implements Controller {
  readonly label = "pod garbage collector";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;
  /** Pods whose node was missing when last looked at. */
  readonly #suspects = new Set<string>();

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key));
    const { pods, nodes } = parts.informers;
    const add = ({ metadata }: Pod): void => this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    onEveryChange(pods, (pod, change) => {
      if (change === "deleted") this.#suspects.delete(`${pod.metadata.namespace}/${pod.metadata.name}`);
      else if (this.#isLost(pod)) add(pod);
    });
    nodes.onDidDelete(({ metadata }) => {
      for (const pod of pods.byIndex("node", metadata.name)) add(pod);
    });
  }

  /** Pods may have been told of before their nodes. */
  start(): void {
    for (const pod of this.#parts.informers.pods.list()) {
      if (this.#isLost(pod)) this.#queue.add(`${pod.metadata.namespace}/${pod.metadata.name}`);
    }
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  #isLost({ metadata, spec }: Pod): boolean {
    if (!spec.nodeName) return metadata.deletionTimestamp !== undefined;
    return !this.#parts.informers.nodes.get(spec.nodeName);
  }

  async #reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const pod = this.#parts.informers.pods.get(name, namespace);
    if (!pod || !this.#isLost(pod)) {
      this.#suspects.delete(key);
      return;
    }
    if (pod.spec.nodeName && !this.#suspects.has(key)) {
      this.#suspects.add(key);
      this.#queue.addAfter(key, graceMs);
      return;
    }
    if (pod.spec.nodeName && (await this.#nodeExists(pod.spec.nodeName))) return;
    const { uid } = pod.metadata;
    await unlessGone(
      clientOf(this.#parts.api, resources.pods).delete(name, {
        namespace,
        gracePeriodSeconds: 0,
        ...(uid && { preconditions: { uid } }),
      }),
    );
  }

  /** Deleting is final, so the informer's word is not enough. */
  async #nodeExists(name: string): Promise<boolean> {
    try {
      await clientOf(this.#parts.api, resources.nodes).get(name);
      return true;
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return false;
      throw error;
    }
  }
}
