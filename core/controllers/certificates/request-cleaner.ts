import type { CertificateSigningRequest } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { unlessGone } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { requestQueue } from "./request-queue.ts";
import { type RequestState, stateOf } from "./signing-requests.ts";

const hour = 3_600_000;

/** How long a request is kept in each state, in milliseconds; a certificate is fetched or it is not. */
const keptMs: Readonly<Record<RequestState, number>> = {
  pending: 24 * hour,
  approved: 24 * hour,
  issued: hour,
  denied: hour,
  failed: hour,
};

/** Deletes requests that nobody will look at again. */
export class RequestCleaner implements Controller {
  readonly label = "certificate request cleaner";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = requestQueue(
      this.label,
      parts,
      () => true,
      (request) => this.#reconcile(request),
    );
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(request: CertificateSigningRequest): Promise<void> {
    const { api, clock } = this.#parts;
    const { name, uid } = request.metadata;
    const waitMs = since(request) + keptMs[stateOf(request)] - clock.now();
    if (waitMs > 0) return this.#queue.addAfter(name, waitMs);
    const client = clientOf(api, resources.signingRequests);
    await unlessGone(client.delete(name, { ...(uid && { preconditions: { uid } }) }));
  }
}

/** Since when a request is in its state, in milliseconds since the epoch. */
function since({ metadata, status }: CertificateSigningRequest): number {
  const times = (status?.conditions ?? []).map(({ lastUpdateTime }) => lastUpdateTime);
  const known = [metadata.creationTimestamp, ...times].map((time) => Date.parse(time ?? ""));
  return Math.max(...known.filter((time) => !Number.isNaN(time)), 0);
}
