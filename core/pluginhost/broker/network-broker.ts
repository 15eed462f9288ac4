import { type Clock, Emitter, errorMessage, type Logger } from "@berth/base";
import type { AttachRequest__Output } from "@berth/proto/generated/host/berth/host/v1/AttachRequest.ts";
import { Lanes, type ParentCall, services } from "@berth/verbs";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import type { PluginLink } from "../call/plugin-link.ts";
import {
  type ConnectedPlugin,
  type ContractAdapter,
  counted,
  type StillValid,
} from "../capabilities/contract-adapter.ts";
import type { NodeNetwork } from "../contracts/plugin-host.ts";
import { isUnimplemented } from "../contracts/verb-error.ts";
import { type AttachmentLink, type AttachmentRecord, finalResult } from "./attachment-record.ts";
import { chooseChain } from "./choose-chain.ts";
import { attachment, networkConfig, podInterface } from "./network-messages.ts";
import { HostError } from "./serve-unary.ts";

/** One cni Plugin of this node; it keeps its place while it does not serve. */
interface Member {
  readonly madeBy: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly client: ReturnType<typeof networkClient>;
  /** Empty when it serves. */
  readonly notReadyReason: string;
}

function networkClient(link: PluginLink) {
  return link.client(services.network);
}

/** Runs the chain of network plugins for sandboxes, and remembers what it did until it is undone. */
export class NetworkBroker implements ContractAdapter, NodeNetwork {
  readonly #attachments: Bucket<AttachmentRecord>;
  /** Plugins that were told the still-valid set at least once: from then on the set is the whole truth for them. */
  readonly #known: Bucket<true>;
  readonly #ownNetworks: () => readonly string[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #members = new Map<string, Member>();
  /** Names of the cni Plugins wanted on this node, connected or not. */
  readonly #expected = new Set<string>();
  /** Those that attach nothing new. */
  readonly #held = new Set<string>();
  /** Sandboxes that are gone, but whose network could not be released yet. */
  readonly #stale = new Set<string>();
  readonly #lanes = new Lanes();
  readonly #changed = new Emitter<void>();
  #configured: readonly string[] | undefined;

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
    this.#attachments = parts.attachments;
    this.#known = parts.known;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
  }

  /** A runtime that does its own networking has changed. */
  wake(): void {
    this.#changed.fire();
  }

  /** The order of the chain; undefined: the only network plugin there is. */
  setChain(names: readonly string[] | undefined): void {
    this.#configured = names;
    this.#changed.fire();
  }

  get ready(): boolean {
    return this.reason === "";
  }

  /** What the node lacks. It needs no chain when all its runtimes do their own networking. */
  get reason(): string {
    const own = this.#expected.size > 0 ? [] : this.#ownNetworks();
    if (own.length === 0) return this.chainReason;
    return own.find((reason) => reason !== "") ?? "";
  }

  /** What the node's chain of network plugins lacks; empty when it serves. */
  get chainReason(): string {
    const choice = this.#chooseChain();
    if (!choice.ok) return choice.reason;
    for (const name of choice.chain) {
      const reason = this.#members.get(name)?.notReadyReason ?? "it is not started yet";
      if (reason) return `network plugin ${name} does not serve: ${reason}`;
    }
    return "";
  }

  expect(plugin: string): void {
    this.#expected.add(plugin);
    this.#changed.fire();
  }

  stillValid(plugin: string): { stillValid: StillValid[]; authoritative: boolean } {
    const stillValid = this.#attachmentsOf(plugin).map(({ sandboxId, netns }) => ({
      kind: "attachment",
      // What CNI calls an attachment is a container and an interface of it.
      id: `${sandboxId}/${podInterface}`,
      context: { ifname: podInterface, netns },
    }));
    return { stillValid, authoritative: this.#known.get(plugin) === true };
  }

  async connect(plugin: ConnectedPlugin): Promise<readonly string[]> {
    const client = networkClient(plugin.link);
    await client.version({});
    const { madeBy, config } = plugin;
    const member: Member = { madeBy, config, type: plugin.manifest.id, client, notReadyReason: "" };
    if (this.#known.get(plugin.name)) {
      const valid = this.#attachmentsOf(plugin.name).map(({ sandboxId }) => sandboxId);
      const request = {
        config: networkConfig({ ...member, plugin: plugin.name }),
        valid_attachments: valid.map((id) => ({ container_id: id, ifname: podInterface })),
      };
      // CNI 1.0 has no GC: a plugin without it keeps what it has.
      await client.gc(request).catch((error: unknown) => {
        if (!isUnimplemented(error)) throw error;
      });
    } else this.#known.put(plugin.name, true);
    this.#members.set(plugin.name, member);
    this.#changed.fire();
    await this.#releaseStale();
    return ["network"];
  }

  disconnect(plugin: string, reason: string): void {
    const member = this.#members.get(plugin);
    if (!member) return;
    this.#members.set(plugin, { ...member, notReadyReason: reason });
    this.#changed.fire();
  }

  hold(plugin: string, held: boolean): void {
    if (held === this.#held.has(plugin)) return;
    if (held) this.#held.add(plugin);
    else this.#held.delete(plugin);
    this.#changed.fire();
  }

  made(plugin: string): string {
    return counted(this.#attachmentsOf(plugin).length, "attachment", "attachments");
  }

  forget(plugin: string): void {
    this.#members.delete(plugin);
    this.#held.delete(plugin);
    this.#expected.delete(plugin);
    this.#known.delete(plugin);
    this.#changed.fire();
  }

  /** Idempotent by sandbox: a repeated call answers the stored result, or finishes what was begun. */
  attach(askedBy: string, request: AttachRequest__Output, parent: ParentCall) {
    return this.#inLane(request.sandbox_id, parent, async () => {
      const known = this.#attachments.get(request.sandbox_id);
      const record = known ?? this.#begin(askedBy, request);
      const done = record.complete ? record : await this.#add(record, parent);
      return { result: finalResult(done), made_by: done.links.map((link) => link.madeBy) };
    });
  }

  /** Succeeds when nothing is attached. */
  detach(request: { sandbox_id: string; netns: string }, parent?: ParentCall) {
    return this.#inLane(request.sandbox_id, parent, async () => {
      const record = this.#attachments.get(request.sandbox_id);
      if (record) await this.#delete(record, request.netns, parent);
      return {};
    });
  }

  async check(request: { sandbox_id: string; netns: string }, parent: ParentCall) {
    const record = this.#attachments.get(request.sandbox_id);
    if (!record?.complete) throw new HostError("NOT_FOUND", `sandbox ${request.sandbox_id} has no network`);
    for (const link of record.links) {
      await this.#member(link.plugin).client.check(
        {
          config: networkConfig(link, record.runtimeConfig),
          attachment: attachment(record, request.netns),
          prev_result: finalResult(record)!,
        },
        { parent },
      );
    }
    return {};
  }

  /**
   * Undoes what a runtime asked for and does not have any more. `sandboxes` is what it had at `asOf` (milliseconds
   * since the epoch): attachments made later are not judged by it.
   */
  async retain(askedBy: string, sandboxes: ReadonlySet<string>, asOf: number): Promise<void> {
    for (const [id, record] of this.#attachments.entries()) {
      if (record.askedBy === askedBy && !sandboxes.has(id) && record.at < asOf) this.#stale.add(id);
    }
    await this.#releaseStale();
  }

  /** What cannot be released now is tried again when a network plugin connects. */
  async #releaseStale(): Promise<void> {
    for (const id of this.#stale) {
      try {
        await this.detach({ sandbox_id: id, netns: "" });
        this.#stale.delete(id);
        this.#logger.info("network of a sandbox that is gone was released", { sandbox: id });
      } catch (error) {
        this.#logger.debug("network of a sandbox that is gone is kept", {
          sandbox: id,
          error: errorMessage(error),
        });
      }
    }
  }

  #chooseChain() {
    return chooseChain(
      this.#configured,
      [...this.#expected].filter((name) => !this.#held.has(name)),
    );
  }

  #attachmentsOf(plugin: string): AttachmentRecord[] {
    const records = this.#attachments.entries().map(([, record]) => record);
    return records.filter(({ links }) => links.some((link) => link.plugin === plugin));
  }

  #inLane<T>(sandbox: string, parent: ParentCall | undefined, work: () => Promise<T>): Promise<T> {
    return this.#lanes.run(sandbox, { verb: "network", identity: undefined }, parent?.signal, work);
  }

  #begin(askedBy: string, request: AttachRequest__Output): AttachmentRecord {
    const choice = this.#chooseChain();
    if (!choice.ok) throw new HostError("UNAVAILABLE", choice.reason);
    const links = choice.chain.map((plugin): AttachmentLink => {
      const { madeBy, type, config } = this.#member(plugin);
      return { plugin, madeBy, type, config };
    });
    const { namespace = "", name = "", uid = "" } = request.pod ?? {};
    const record: AttachmentRecord = {
      sandboxId: request.sandbox_id,
      netns: request.netns,
      askedBy,
      pod: { namespace, name, uid },
      runtimeConfig: request.runtime_config ?? undefined,
      links,
      complete: false,
      at: this.#clock.now(),
    };
    this.#attachments.put(record.sandboxId, record);
    return record;
  }

  async #add(begun: AttachmentRecord, parent: ParentCall): Promise<AttachmentRecord> {
    let record = begun;
    try {
      for (const [index, link] of begun.links.entries()) {
        const previous = record.links[index - 1]?.result;
        const { result } = await this.#member(link.plugin).client.add(
          {
            config: networkConfig(link, record.runtimeConfig),
            attachment: attachment(record, record.netns),
            ...(previous ? { prev_result: previous } : {}),
          },
          { parent },
        );
        if (!result)
          throw new HostError("INTERNAL", `network plugin ${link.plugin} answered ADD without a result`);
        const links = record.links.with(index, { ...link, result });
        record = { ...record, links, complete: index === links.length - 1 };
        this.#attachments.put(record.sandboxId, record);
      }
      return record;
    } catch (error) {
      await this.#undo(record, error);
      throw error;
    }
  }

  /** A failed ADD leaves nothing behind, or else a record from which the next try cleans up. */
  async #undo(record: AttachmentRecord, cause: unknown): Promise<void> {
    try {
      await this.#delete(record, record.netns, undefined);
    } catch (error) {
      this.#logger.warn("a failed attachment could not be undone yet", {
        sandbox: record.sandboxId,
        cause: errorMessage(cause),
        error: errorMessage(error),
      });
    }
  }

  /** In reverse order; the record goes last, so that a failure in between is tried again. */
  async #delete(record: AttachmentRecord, netns: string, parent: ParentCall | undefined): Promise<void> {
    for (const link of record.links.toReversed()) {
      const prev_result = link.result ?? finalResult(record);
      await this.#member(link.plugin).client.del(
        {
          config: networkConfig(link, record.runtimeConfig),
          attachment: attachment(record, netns),
          ...(prev_result ? { prev_result } : {}),
        },
        parent ? { parent } : {},
      );
    }
    this.#attachments.delete(record.sandboxId);
  }

  #member(name: string): Member {
    const member = this.#members.get(name);
    if (!member) throw new HostError("UNAVAILABLE", `network plugin ${name} is not on this node`);
    if (member.notReadyReason) {
      throw new HostError("UNAVAILABLE", `network plugin ${name} does not serve: ${member.notReadyReason}`);
    }
    return member;
  }
}
