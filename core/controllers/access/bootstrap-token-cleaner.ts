import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue, unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";

const namespace = "kube-system";

/** Deletes bootstrap tokens whose time is over. */
export class BootstrapTokenCleaner implements Controller {
  readonly label = "bootstrap token cleaner";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (name) => this.#reconcile(name));
    onEveryChange(parts.informers.bootstrapTokens, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(metadata.name);
    });
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(name: string): Promise<void> {
    const { api, clock, informers } = this.#parts;
    const secret = informers.bootstrapTokens.get(name, namespace);
    const expiration = secret?.data?.["expiration"];
    if (!secret || expiration === undefined) return;
    const waitMs = Date.parse(Buffer.from(expiration, "base64").toString("utf8")) - clock.now();
    if (waitMs > 0) return this.#queue.addAfter(name, waitMs);
    const { uid } = secret.metadata;
    const client = clientOf(api, resources.secrets);
    await unlessGone(client.delete(name, { namespace, ...(uid && { preconditions: { uid } }) }));
  }
}
