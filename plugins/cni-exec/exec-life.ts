import type { Holding, PluginLife, SynchronizeAnswer, SynchronizeRequest } from "@berth/sdk";
import { type AttachmentRecord, keyText } from "./attachments/attachment-record.ts";
import type { ExecNetwork } from "./exec-network.ts";

/** Longest that taking back what nobody remembers may take before the host is answered. */
const collectMs = 60_000;

/** The plugin's life as the host leads it. An attachment's id is CONTAINER/IFNAME. */
export class ExecLife implements PluginLife {
  readonly #network: ExecNetwork;

  constructor(network: ExecNetwork) {
    this.#network = network;
  }

  activate(): Promise<void> {
    return this.#network.recover();
  }

  async synchronize({ stillValid, authoritative }: SynchronizeRequest): Promise<SynchronizeAnswer> {
    const valid = new Set(stillValid.filter(({ kind }) => kind === "attachment").map(({ id }) => id));
    const keeps = (key: string): boolean => !authoritative || valid.has(key);
    const released = await this.#network.collect(keeps, AbortSignal.timeout(collectMs));
    return { held: this.#network.list().map(holding), released: released.map(holding) };
  }

  probe(): string | undefined {
    return this.#network.chain.obstacle();
  }

  facts(): Readonly<Record<string, string>> {
    const { cniVersion, name, plugins } = this.#network.chain.list;
    return {
      backend: `programs of CNI ${cniVersion}`,
      network: name,
      chain: plugins.map(({ type }) => type).join(", "),
      attachments: String(this.#network.list().length),
    };
  }

  async shutdown(reason: string): Promise<void> {
    if (reason === "teardown") await this.#network.collect(() => false, AbortSignal.timeout(collectMs));
  }
}

function holding(record: AttachmentRecord): Holding {
  return {
    kind: "attachment",
    id: keyText(record),
    context: { network: record.list.name, netns: record.netns },
  };
}
