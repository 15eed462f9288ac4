import { type Clock, errorMessage, type Logger } from "@berth/base";
import type { Result } from "@berth/proto/generated/cni/berth/cni/v1/Result.ts";
import type { AttachRequest__Output } from "@berth/proto/generated/host/berth/host/v1/AttachRequest.ts";
import type { ParentCall } from "@berth/verbs";
import type { Bucket } from "../../checkpoint/checkpoint.ts";
import { type AttachmentLink, type AttachmentRecord, finalResult } from "./attachment-record.ts";
import type { NetworkChain } from "./network-chain.ts";
import { attachment, networkConfig } from "./network-messages.ts";
import { HostError } from "./serve-unary.ts";

/**
 * Takes sandboxes through the chain of network plugins, and remembers how far each has come until it is undone. One call
 * at a time for a sandbox is the caller's to see to.
 */
export class Attachments {
  readonly #records: Bucket<AttachmentRecord>;
  readonly #chain: NetworkChain;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(
    records: Bucket<AttachmentRecord>,
    chain: NetworkChain,
    { clock, logger }: { clock: Clock; logger: Logger },
  ) {
    this.#records = records;
    this.#chain = chain;
    this.#clock = clock;
    this.#logger = logger;
  }

  list(): AttachmentRecord[] {
    return this.#records.entries().map(([, record]) => record);
  }

  /** Those in which a network plugin had a part. */
  of(plugin: string): AttachmentRecord[] {
    return this.list().filter(({ links }) => links.some((link) => link.plugin === plugin));
  }

  /** A repeated call answers the stored result, or finishes what was begun. */
  async add(askedBy: string, request: AttachRequest__Output, parent: ParentCall): Promise<AttachmentRecord> {
    const record = this.#records.get(request.sandbox_id) ?? this.#begin(askedBy, request);
    return record.complete ? record : this.#finish(record, parent);
  }

  /**
   * In reverse order; the record goes last, so that a failure in between is tried again. Does nothing when nothing is
   * attached.
   */
  async delete(sandbox: string, netns: string, parent: ParentCall | undefined): Promise<void> {
    const record = this.#records.get(sandbox);
    if (!record) return;
    for (const link of record.links.toReversed()) {
      const { client } = this.#chain.member(link.plugin);
      const previous = previousOf(link.result ?? finalResult(record));
      await client.del({ ...messageOf(record, link, netns), ...previous }, parent ? { parent } : {});
    }
    this.#records.delete(sandbox);
  }

  async check(sandbox: string, netns: string, parent: ParentCall): Promise<void> {
    const record = this.#records.get(sandbox);
    if (!record?.complete) throw new HostError("NOT_FOUND", `sandbox ${sandbox} has no network`);
    for (const link of record.links) {
      const { client } = this.#chain.member(link.plugin);
      await client.check(
        { ...messageOf(record, link, netns), prev_result: finalResult(record)! },
        { parent },
      );
    }
  }

  #begin(askedBy: string, request: AttachRequest__Output): AttachmentRecord {
    const choice = this.#chain.choose();
    if (!choice.ok) throw new HostError("UNAVAILABLE", choice.reason);
    const links = choice.chain.map((plugin): AttachmentLink => {
      const { madeBy, type, config } = this.#chain.member(plugin);
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
    this.#records.put(record.sandboxId, record);
    return record;
  }

  async #finish(begun: AttachmentRecord, parent: ParentCall): Promise<AttachmentRecord> {
    let record = begun;
    try {
      for (const [index, link] of begun.links.entries()) {
        const { client } = this.#chain.member(link.plugin);
        const previous = previousOf(record.links[index - 1]?.result);
        const { result } = await client.add(
          { ...messageOf(record, link, record.netns), ...previous },
          { parent },
        );
        if (!result)
          throw new HostError("INTERNAL", `network plugin ${link.plugin} answered ADD without a result`);
        const links = record.links.with(index, { ...link, result });
        record = { ...record, links, complete: index === links.length - 1 };
        this.#records.put(record.sandboxId, record);
      }
      return record;
    } catch (error) {
      await this.#undo(record, error);
      throw error;
    }
  }

  /** A failed ADD leaves nothing behind, or else a record from which the next try cleans up. */
  async #undo({ sandboxId, netns }: AttachmentRecord, cause: unknown): Promise<void> {
    try {
      await this.delete(sandboxId, netns, undefined);
    } catch (error) {
      this.#logger.warn("a failed attachment could not be undone yet", {
        sandbox: sandboxId,
        cause: errorMessage(cause),
        error: errorMessage(error),
      });
    }
  }
}

function messageOf(record: AttachmentRecord, link: AttachmentLink, netns: string) {
  return { config: networkConfig(link, record.runtimeConfig), attachment: attachment(record, netns) };
}

function previousOf(result: Result | undefined): { prev_result?: Result } {
  return result ? { prev_result: result } : {};
}
