import type { Call, HostClient } from "@berth/sdk";

/** Calls the host while the host calls it: each question becomes an Event and a number. */
export class TalkingNetwork {
  readonly #host: HostClient;
  #asked = 0;

  constructor(host: HostClient) {
    this.#host = host;
  }

  /** `parent` gives the nested calls what is left of this one's deadline, and its trace. */
  async version(_request: unknown, call: Call) {
    this.#asked += 1;
    const message = `asked for the version ${this.#asked} times`;
    await this.#host.events?.emit({ type: "Normal", reason: "VersionAsked", message }, { parent: call });
    const state = { fields: { asked: { numberValue: this.#asked } } };
    await this.#host.telemetry?.report({ state }, { parent: call });
    return { cni_version: "1.1.0", supported_versions: ["1.1.0"] };
  }
}
