import { existsSync } from "node:fs";
import { errorMessage, type Logger } from "@berth/base";
import { CniError, cniCode } from "@berth/cni";
import type { JsonObject } from "@berth/verbs";
import type { AttachmentFiles } from "./attachments/attachment-files.ts";
import { type AttachmentRecord, keyText } from "./attachments/attachment-record.ts";
import { Chain } from "./chain/chain.ts";
import type { Target } from "./chain/run-program.ts";

/** How long what an abandoned or failed ADD has made may take to be undone. */
const undoMs = 20_000;

type Key = Pick<Target, "containerId" | "ifname">;

/** The attachments of one configuration list. */
export class ExecNetwork {
  readonly chain: Chain;
  readonly #files: AttachmentFiles;
  readonly #folders: readonly string[];
  readonly #log: Logger;
  readonly #underWay = new Set<string>();

  constructor(chain: Chain, files: AttachmentFiles, folders: readonly string[], log: Logger) {
    this.chain = chain;
    this.#files = files;
    this.#folders = folders;
    this.#log = log;
  }

  list(): AttachmentRecord[] {
    return this.#files.list();
  }

  /** The same attachment again answers the first one's result. */
  async attach(
    target: Target,
    given: {
      readonly runtime: JsonObject;
      readonly before: JsonObject | undefined;
      readonly signal: AbortSignal;
    },
  ): Promise<JsonObject> {
    const known = this.#files.find(target);
    if (known?.result) return known.result;
    if (!existsSync(target.netns)) {
      throw new CniError(cniCode.unknownContainer, `there is no network namespace ${target.netns}`);
    }
    const { runtime, before, signal } = given;
    const record: AttachmentRecord = { ...target, list: this.chain.list, runtime };
    this.#underWay.add(keyText(target));
    try {
      // Left by an ADD that was cut off.
      if (known) await this.#undo(known, signal);
      this.#files.put(record);
      const result = await this.chain.add({ target, runtime, signal }, before);
      this.#files.put({ ...record, result });
      return result;
    } catch (error) {
      await this.#undoQuietly(record);
      throw error;
    } finally {
      this.#underWay.delete(keyText(target));
    }
  }

  /** Nothing there is fine. */
  async detach(key: Key, signal: AbortSignal): Promise<void> {
    const record = this.#files.find(key);
    if (record) await this.#undo(record, signal);
  }

  async check(key: Key, signal: AbortSignal): Promise<void> {
    const record = this.#files.find(key);
    if (!record?.result) throw new CniError(cniCode.unknownContainer, `${keyText(key)} has no attachment`);
    const { list, runtime, result } = record;
    await new Chain(list, this.#folders).check({ target: record, runtime, signal }, result);
  }

  /** Takes everything back that `keeps` does not name. Answers what it took back. */
  async collect(keeps: (key: string) => boolean, signal: AbortSignal): Promise<AttachmentRecord[]> {
    const released: AttachmentRecord[] = [];
    for (const record of this.#files.list()) {
      const key = keyText(record);
      if (keeps(key) || this.#underWay.has(key)) continue;
      await this.#undo(record, signal);
      released.push(record);
    }
    const valid = this.#files.list().map(({ containerId, ifname }) => ({ containerID: containerId, ifname }));
    await this.chain.gc(valid, signal);
    return released;
  }

  /** Undoes what a former process began and did not end. */
  async recover(): Promise<void> {
    for (const record of this.#files.list()) if (!record.result) await this.#undoQuietly(record);
  }

  async #undo(record: AttachmentRecord, signal: AbortSignal): Promise<void> {
    const { list, runtime, result } = record;
    const netns = existsSync(record.netns) ? record.netns : "";
    await new Chain(list, this.#folders).del({ target: { ...record, netns }, runtime, signal }, result);
    this.#files.remove(record);
  }

  /** What cannot be undone now stays known, for DEL and GC. */
  async #undoQuietly(record: AttachmentRecord): Promise<void> {
    try {
      await this.#undo(record, AbortSignal.timeout(undoMs));
    } catch (error) {
      this.#log.warn("what an ADD has left could not be taken back yet; GC tries again", {
        attachment: keyText(record),
        error: errorMessage(error),
      });
    }
  }
}
