import { type Clock, Emitter, errorMessage, type Logger } from "@berth/base";
import type { AttachRequest__Output } from "@berth/proto/generated/host/berth/host/v1/AttachRequest.ts";
import { Lanes, type ParentCall } from "@berth/verbs";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import {
  type ConnectedPlugin,
  type ContractAdapter,
  counted,
  type StillValid,
} from "../capabilities/contract-adapter.ts";
import type { NodeNetwork } from "../contracts/plugin-host.ts";
import { isUnimplemented } from "../contracts/verb-error.ts";
import { type AttachmentRecord, finalResult } from "./attachment-record.ts";
import { Attachments } from "./attachments.ts";
import { NetworkChain, networkClient } from "./network-chain.ts";
import { networkConfig, podInterface } from "./network-messages.ts";

/** A sandbox's network, as a runtime names it. */
interface SandboxNetwork {
  readonly sandbox_id: string;
  readonly netns: string;
}

/** The network of a node: attaches the sandboxes of its runtimes through its network plugins, and releases what nobody has. */
export class NetworkBroker implements ContractAdapter, NodeNetwork {
  readonly #chain = new NetworkChain();
  readonly #attachments: Attachments;
  /** Plugins that were told the still-valid set at least once: from then on the set is the whole truth for them. */
  readonly #known: Bucket<true>;
  readonly #ownNetworks: () => readonly string[];
  readonly #logger: Logger;
  /** Sandboxes that are gone, but whose network could not be released yet. */
  readonly #stale = new Set<string>();
  readonly #lanes = new Lanes();
  readonly #changed = new Emitter<void>();

  readonly onDidChange = this.#changed.event;

  constructor(parts: {
    attachments: Bucket<AttachmentRecord>;
    known: Bucket<true>;
    /** What each runtime that does its own networking lacks; empty when it serves. */
    ownNetworks: () => readonly string[];
    clock: Clock;
    logger: Logger;
  }) {
    this.#ownNetworks = parts.ownNetworks;
    this.#attachments = new Attachments(parts.attachments, this.#chain, parts);
    this.#known = parts.known;
    this.#logger = parts.logger;
    this.#chain.onDidChange(() => this.#changed.fire());
  }

  /** A runtime that does its own networking has changed. */
  wake(): void {
    this.#changed.fire();
  }

  /** The order of the chain; undefined: the only network plugin there is. */
  setChain(names: readonly string[] | undefined): void {
    this.#chain.setOrder(names);
  }

  get ready(): boolean {
    return this.reason === "";
  }

  /** What the node lacks. It needs no chain when all its runtimes do their own networking. */
  get reason(): string {
    const own = this.#chain.isEmpty ? this.#ownNetworks() : [];
    if (own.length === 0) return this.chainReason;
    return own.find((reason) => reason !== "") ?? "";
  }

  /** What the node's chain of network plugins lacks; empty when it serves. */
  get chainReason(): string {
    return this.#chain.reason;
  }

  expect(plugin: string): void {
    this.#chain.expect(plugin);
  }

  stillValid(plugin: string): { stillValid: StillValid[]; authoritative: boolean } {
    const stillValid = this.#attachments.of(plugin).map(({ sandboxId, netns }) => ({
      kind: "attachment",
      // What CNI calls an attachment is a container and an interface of it.
      id: `${sandboxId}/${podInterface}`,
      context: { ifname: podInterface, netns },
    }));
    return { stillValid, authoritative: this.#known.get(plugin) === true };
  }

  async connect({ name, madeBy, config, manifest, link }: ConnectedPlugin): Promise<readonly string[]> {
    const client = networkClient(link);
    await client.version({});
    const member = { madeBy, config, type: manifest.id, client };
    if (this.#known.get(name)) {
      const valid_attachments = this.#attachments
        .of(name)
        .map(({ sandboxId }) => ({ container_id: sandboxId, ifname: podInterface }));
      // CNI 1.0 has no GC: a plugin without it keeps what it has.
      await client
        .gc({ config: networkConfig({ ...member, plugin: name }), valid_attachments })
        .catch((error: unknown) => {
          if (!isUnimplemented(error)) throw error;
        });
    } else this.#known.put(name, true);
    this.#chain.connect(name, member);
    await this.#releaseStale();
    return ["network"];
  }

  disconnect(plugin: string, reason: string): void {
    this.#chain.disconnect(plugin, reason);
  }

  hold(plugin: string, held: boolean): void {
    this.#chain.hold(plugin, held);
  }

  made(plugin: string): string {
    return counted(this.#attachments.of(plugin).length, "attachment", "attachments");
  }

  forget(plugin: string): void {
    this.#known.delete(plugin);
    this.#chain.forget(plugin);
  }

  /** Idempotent by sandbox. */
  attach(askedBy: string, request: AttachRequest__Output, parent: ParentCall) {
    return this.#inLane(request.sandbox_id, parent, async () => {
      const record = await this.#attachments.add(askedBy, request, parent);
      return { result: finalResult(record), made_by: record.links.map((link) => link.madeBy) };
    });
  }

  /** Succeeds when nothing is attached. */
  detach({ sandbox_id, netns }: SandboxNetwork, parent?: ParentCall) {
    return this.#inLane(sandbox_id, parent, async () => {
      await this.#attachments.delete(sandbox_id, netns, parent);
      return {};
    });
  }

  async check({ sandbox_id, netns }: SandboxNetwork, parent: ParentCall) {
    await this.#attachments.check(sandbox_id, netns, parent);
    return {};
  }

  /**
   * Undoes what a runtime asked for and does not have any more. `sandboxes` is what it had at `asOf` (milliseconds
   * since the epoch): attachments made later are not judged by it.
   */
  async retain(askedBy: string, sandboxes: ReadonlySet<string>, asOf: number): Promise<void> {
    for (const record of this.#attachments.list()) {
      const isGone = record.askedBy === askedBy && !sandboxes.has(record.sandboxId) && record.at < asOf;
      if (isGone) this.#stale.add(record.sandboxId);
    }
    await this.#releaseStale();
  }

  /** What cannot be released now is tried again when a network plugin connects. */
  async #releaseStale(): Promise<void> {
    for (const sandbox of this.#stale) {
      try {
        await this.detach({ sandbox_id: sandbox, netns: "" });
        this.#stale.delete(sandbox);
        this.#logger.info("network of a sandbox that is gone was released", { sandbox });
      } catch (error) {
        this.#logger.debug("network of a sandbox that is gone is kept", {
          sandbox,
          error: errorMessage(error),
        });
      }
    }
  }

  #inLane<T>(sandbox: string, parent: ParentCall | undefined, work: () => Promise<T>): Promise<T> {
    return this.#lanes.run(sandbox, { verb: "network", identity: undefined }, parent?.signal, work);
  }
}
