import type { Holding, PluginLife, SynchronizeAnswer, SynchronizeRequest } from "@berth/sdk";
import { type Attachment, keyText } from "../attachments/attachment.ts";
import type { BridgeNetwork } from "./bridge-network.ts";

/** The plugin's life as the host leads it. An attachment's id is CONTAINER/IFNAME. */
export class BridgeLife implements PluginLife {
  readonly #network: BridgeNetwork;

  constructor(network: BridgeNetwork) {
    this.#network = network;
  }

  activate(): Promise<void> {
    return this.#network.recover();
  }

  async synchronize({ stillValid, authoritative }: SynchronizeRequest): Promise<SynchronizeAnswer> {
    if (!authoritative) return { held: this.#network.list().map(holding), released: [] };
    const valid = new Set(stillValid.filter(({ kind }) => kind === "attachment").map(({ id }) => id));
    const released = await this.#network.collect((attachment) => valid.has(keyText(attachment)));
    if (valid.size === 0) await this.#network.removeIfIdle();
    return { held: this.#network.list().map(holding), released: released.map(holding) };
  }

  probe(): string | undefined {
    return this.#network.findObstacle();
  }

  facts(): Readonly<Record<string, string>> {
    const { bridge, ranges } = this.#network.settings;
    return {
      backend: "kernel (veth, bridge, nftables)",
      bridge,
      ranges: ranges.map(({ subnet }) => subnet).join(", "),
      attachments: String(this.#network.list().length),
    };
  }

  async shutdown(reason: string): Promise<void> {
    if (reason === "teardown") await this.#network.teardown();
  }
}

function holding(attachment: Attachment): Holding {
  const { network, netns, hostLink, addresses } = attachment;
  return {
    kind: "attachment",
    id: keyText(attachment),
    context: { network, netns, hostLink, addresses: addresses.map(({ address }) => address).join(",") },
  };
}
