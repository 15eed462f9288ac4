import { isDeepStrictEqual } from "node:util";
import {
  type Clock,
  type Disposable,
  errorMessage,
  exponentialBackoff,
  type Logger,
  type Timer,
} from "@berth/base";
import type { Node, NodeStatus } from "../../api/index.ts";
import { type ApiClient, ApiError, type ResourceClient } from "../../client/contracts.ts";
import { resources } from "../resources.ts";

const checkMs = 10_000;
/** A status that says nothing new is written this often all the same; the lease says that the node lives. */
const repeatMs = 300_000;

export interface RegistrarParts {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nodeName: string;
  /** Kept on the Node object; others may add their own. */
  readonly labels: () => Readonly<Record<string, string>>;
  /** Kept likewise; with null, kept away. */
  readonly annotations: Pairs;
  /** The status as it is now, given the one that the API holds. */
  readonly status: (previous: NodeStatus) => Promise<NodeStatus>;
  readonly onRegistered: () => void;
}

/** Keeps the Node object: registers it, and writes its status when it changes. */
export class NodeRegistrar implements Disposable {
  readonly label = "node status";
  readonly #parts: RegistrarParts;
  readonly #nodes: ResourceClient<Node>;
  readonly #backoff = exponentialBackoff({ baseMs: 100, capMs: 10_000 });
  #node: Node | undefined;
  #writtenAt = 0;
  #timer: Timer | undefined;
  #busy: Promise<void> | undefined;
  #again = false;
  #disposed = false;

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
    this.#nodes = parts.client.resource<Node>(resources.nodes);
  }

  /** As the API holds it; undefined before it is registered. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Something that the status shows may have changed. */
  update(): void {
    this.#again = true;
    if (!this.#disposed) this.#busy ??= this.#work().finally(() => (this.#busy = undefined));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#timer?.cancel();
    await this.#busy;
  }

  async #work(): Promise<void> {
    let nextMs = checkMs;
    while (this.#again && !this.#disposed) {
      this.#again = false;
      try {
        const known = this.#node !== undefined;
        this.#node ??= await this.#register();
        if (!known) this.#parts.onRegistered();
        this.#node = await this.#label(this.#node);
        await this.#write(this.#node);
        this.#backoff.reset();
      } catch (error) {
        this.#node = undefined;
        nextMs = this.#backoff.next();
        this.#parts.logger.warn("the node's status could not be written; it is tried again", {
          retryMs: nextMs,
          error: errorMessage(error),
        });
        break;
      }
    }
    this.#timer?.cancel();
    if (!this.#disposed) this.#timer = this.#parts.clock.after(nextMs, () => this.update());
  }

  async #register(): Promise<Node> {
    const { nodeName } = this.#parts;
    try {
      return await this.#nodes.get(nodeName);
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
    const status = await this.#parts.status({});
    const node: Node = {
      apiVersion: "v1",
      kind: "Node",
      metadata: {
        name: nodeName,
        labels: { ...this.#parts.labels() },
        annotations: set(this.#parts.annotations),
      },
      spec: {},
      status,
    };
    return this.#nodes.create(node);
  }

  async #label(node: Node): Promise<Node> {
    const labels = this.#parts.labels();
    const { annotations } = this.#parts;
    const { metadata } = node;
    const holds = includes(metadata.labels, labels) && includes(metadata.annotations, annotations);
    return holds ? node : this.#nodes.patch(metadata.name, "merge", { metadata: { labels, annotations } });
  }

  async #write(node: Node): Promise<void> {
    const now = this.#parts.clock.now();
    const held = node.status ?? {};
    const wanted = await this.#parts.status(held);
    if (
      isDeepStrictEqual(withoutHeartbeat(wanted), withoutHeartbeat(pick(held, wanted))) &&
      now - this.#writtenAt < repeatMs
    ) {
      return;
    }
    const status: Record<string, unknown> = { ...wanted };
    // A merge keeps what it is not told to drop: resources whose plugin was forgotten.
    for (const list of ["capacity", "allocatable"] as const) {
      const gone = Object.keys(held[list] ?? {}).filter((name) => wanted[list]?.[name] === undefined);
      status[list] = { ...wanted[list], ...Object.fromEntries(gone.map((name) => [name, null])) };
    }
    this.#node = await this.#nodes.patch(node.metadata.name, "merge", { status }, { subresource: "status" });
    this.#writtenAt = now;
  }
}

function pick(held: NodeStatus, like: NodeStatus): NodeStatus {
  const names = Object.keys(like) as (keyof NodeStatus)[];
  return Object.fromEntries(names.map((name) => [name, held[name]]));
}

function withoutHeartbeat(status: NodeStatus): NodeStatus {
  return {
    ...status,
    conditions: (status.conditions ?? []).map(({ lastHeartbeatTime: _time, ...rest }) => rest),
  };
}

type Pairs = Readonly<Record<string, string | null>>;

function includes(held: Readonly<Record<string, string>> | undefined, wanted: Pairs): boolean {
  return Object.entries(wanted).every(([key, value]) => (held?.[key] ?? null) === value);
}

function set(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(pairs).filter((pair): pair is [string, string] => pair[1] !== null),
  );
}
