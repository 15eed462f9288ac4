import type { Logger } from "@berth/base";
import { encodeIp } from "@berth/linux";
import { capacity } from "../addresses/address-range.ts";
import { type Attachment, hostLinkName, keyText, macFor } from "../attachments/attachment.ts";
import type { AttachmentKey } from "../attachments/attachment.ts";
import type { AttachmentStore } from "../attachments/attachment-store.ts";
import type { NetworkBackend } from "../backend/network-backend.ts";
import type { AddOrder } from "../attachments/add-order.ts";
import type { NetworkSettings } from "./network-settings.ts";

/** The one place where memory and kernel are brought together, whichever verb asks for it. */
export class BridgeNetwork {
  readonly settings: NetworkSettings;
  readonly #store: AttachmentStore;
  readonly #backend: NetworkBackend;
  readonly #log: Logger;
  /** Keys whose ADD or DEL is under way: GC leaves them alone, its set may be older than they are. */
  readonly #busy = new Set<string>();

  constructor(settings: NetworkSettings, store: AttachmentStore, backend: NetworkBackend, log: Logger) {
    this.settings = settings;
    this.#store = store;
    this.#backend = backend;
    this.#log = log;
  }

  /** After a start: undoes what was half made, puts back what the firewall lost. */
  async recover(): Promise<void> {
    const all = this.#store.list();
    for (const { attachment, phase } of all) {
      if (phase === "intent") await this.#undo(attachment);
    }
    const kept = all.filter(({ phase }) => phase === "done").map(({ attachment }) => attachment);
    if (kept.length === 0) return;
    await this.#backend.ensureNetwork(this.settings);
    this.#backend.repairHostPorts(this.settings.bridge, this.#onBridge(kept));
  }

  /** Makes it, or answers what was made for the same key before. Nothing half-made stays after a failure. */
  attach(order: AddOrder): Promise<Attachment> {
    return this.#whileBusy(order.key, async () => {
      const known = this.#store.find(order.key);
      if (known?.phase === "done" && known.attachment.netns === order.netns) {
        if (this.#backend.isAttached(known.attachment)) return known.attachment;
      }
      if (known) await this.#undo(known.attachment);
      const { mtu } = await this.#backend.ensureNetwork(this.settings);
      const attachment = this.#reserve(order, mtu);
      try {
        await this.#backend.attach(attachment, this.settings);
      } catch (error) {
        await this.#undoAfter(error, attachment);
        throw error;
      }
      this.#store.complete(order.key);
      return attachment;
    });
  }

  #reserve(order: AddOrder, mtu: number): Attachment {
    const { key, network, netns, hostPorts, mac } = order;
    const draft = {
      key,
      finish: (addresses: Attachment["addresses"]): Attachment => ({
        ...key,
        network,
        netns,
        bridge: this.settings.bridge,
        hostLink: hostLinkName(key),
        mac: mac ?? macFor(addresses[0]?.address ?? "", encodeIp),
        mtu,
        addresses,
        hostPorts,
      }),
    };
    return this.#store.begin(draft, this.settings.ranges, order.wantedAddresses);
  }

  /** The first failure is what the caller must hear; a failed undo leaves the intent for the next start or GC. */
  async #undoAfter(error: unknown, attachment: Attachment): Promise<void> {
    try {
      await this.#undo(attachment);
    } catch (undoError) {
      this.#log.error(
        "a failed attachment could not be undone; it is tried again by DEL, GC and the next start",
        {
          attachment: keyText(attachment),
          error: String(undoError),
          after: String(error),
        },
      );
    }
  }

  /** True when there was something. */
  detach(key: AttachmentKey): Promise<boolean> {
    return this.#whileBusy(key, async () => {
      const known = this.#store.find(key);
      if (known) await this.#undo(known.attachment);
      return known !== undefined;
    });
  }

  /** The address is free only when nothing in the kernel uses it any more. */
  async #undo(attachment: Attachment): Promise<void> {
    await this.#backend.detach(attachment);
    this.#store.remove(attachment);
  }

  /** Releases what `isValid` does not know, and links of ours that memory does not know. */
  async collect(isValid: (attachment: Attachment) => boolean): Promise<Attachment[]> {
    const released: Attachment[] = [];
    for (const { attachment } of this.#store.list()) {
      if (isValid(attachment) || this.#busy.has(keyText(attachment))) continue;
      await this.#whileBusy(attachment, () => this.#undo(attachment));
      released.push(attachment);
    }
    if (this.#busy.size > 0) return released;
    const strangers = await this.#backend.removeStrangers(this.settings.bridge, this.#onBridge(this.list()));
    if (strangers.length > 0)
      this.#log.warn("removed links that no attachment accounts for", { links: strangers });
    return released;
  }

  /** Everything goes: attachments, bridge, table. */
  async teardown(): Promise<void> {
    const bridges = new Set([this.settings.bridge, ...this.list().map(({ bridge }) => bridge)]);
    await this.collect(() => false);
    for (const bridge of bridges) await this.#backend.removeNetwork(bridge);
  }

  /** Removes bridge and table when no attachment needs them. */
  async removeIfIdle(): Promise<void> {
    if (this.list().length === 0 && this.#busy.size === 0)
      await this.#backend.removeNetwork(this.settings.bridge);
  }

  find(key: AttachmentKey): Attachment | undefined {
    const known = this.#store.find(key);
    return known?.phase === "done" ? known.attachment : undefined;
  }

  list(): Attachment[] {
    return this.#store.list().map(({ attachment }) => attachment);
  }

  observe(attachment: Attachment): ReturnType<NetworkBackend["observe"]> {
    return this.#backend.observe(attachment);
  }

  /** Undefined when the network works as far as it is made. */
  findObstacle(): string | undefined {
    return this.#backend.findObstacle(this.settings);
  }

  /** Undefined when an address is free in every range. */
  findShortage(): string | undefined {
    const full = this.settings.ranges.find(
      (range) => BigInt(this.#store.countTaken(range)) >= capacity(range),
    );
    return full && `all addresses of ${full.subnet} are in use`;
  }

  #onBridge(attachments: readonly Attachment[]): Attachment[] {
    return attachments.filter(({ bridge }) => bridge === this.settings.bridge);
  }

  async #whileBusy<T>(key: AttachmentKey, work: () => Promise<T>): Promise<T> {
    const name = keyText(key);
    this.#busy.add(name);
    try {
      return await work();
    } finally {
      this.#busy.delete(name);
    }
  }
}
