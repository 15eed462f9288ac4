import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";
import { formatMicroTime } from "../../api/time/timestamp.ts";
import type { Lease, Node } from "../../api/index.ts";
import { type ApiClient, ApiError, type ResourceClient } from "../../client/contracts.ts";
import { resources } from "../resources.ts";

const namespace = "kube-node-lease";
const renewMs = 10_000;
const retryMs = 1_000;
const durationSeconds = 40;

/** The node's sign of life: a Lease renewed every 10 s, good for 40 s. */
export class NodeLease implements Disposable {
  readonly label = "node lease";
  readonly #leases: ResourceClient<Lease>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #nodeName: string;
  readonly #node: () => Node | undefined;
  #held: Lease | undefined;
  #timer: Timer | undefined;
  #disposed = false;
  #failed = false;

  constructor(parts: {
    client: ApiClient;
    clock: Clock;
    logger: Logger;
    nodeName: string;
    /** Undefined before the node is registered. */
    node: () => Node | undefined;
  }) {
    this.#leases = parts.client.resource<Lease>(resources.leases);
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#nodeName = parts.nodeName;
    this.#node = parts.node;
  }

  start(): void {
    void this.#renew();
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.cancel();
  }

  async #renew(): Promise<void> {
    let nextMs = renewMs;
    try {
      this.#held = this.#held ? await this.#extend(this.#held) : await this.#take();
      if (this.#failed) this.#logger.info("the node's lease is renewed again");
      this.#failed = false;
    } catch (error) {
      nextMs = retryMs;
      this.#held = undefined;
      if (!this.#failed)
        this.#logger.warn("the node's lease could not be renewed", { error: errorMessage(error) });
      this.#failed = true;
    }
    if (!this.#disposed) this.#timer = this.#clock.after(nextMs, () => void this.#renew());
  }

  #extend(lease: Lease): Promise<Lease> {
    const spec = { ...lease.spec, ...this.#spec() };
    return this.#leases.update({ ...lease, spec }, { namespace });
  }

  async #take(): Promise<Lease> {
    const node = this.#node();
    try {
      return await this.#extend(await this.#leases.get(this.#nodeName, { namespace }));
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
    const uid = node?.metadata.uid;
    const owner = { apiVersion: "v1", kind: "Node", name: this.#nodeName, uid: uid ?? "" };
    return this.#leases.create(
      {
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: this.#nodeName, namespace, ...(uid ? { ownerReferences: [owner] } : {}) },
        spec: this.#spec(),
      },
      { namespace },
    );
  }

  #spec(): Lease["spec"] {
    return {
      holderIdentity: this.#nodeName,
      leaseDurationSeconds: durationSeconds,
      renewTime: formatMicroTime(this.#clock.now()),
    };
  }
}
