import type { Call, Implementation } from "@berth/sdk";
import type { IdentityHandlers } from "@berth/proto/generated/csi/csi/v1/Identity.ts";

/** csi.v1.Identity. */
export class IdentityVerbs implements Implementation<IdentityHandlers, Call> {
  readonly #name: string;
  readonly #version: string;
  readonly #probe: () => Promise<string | undefined>;

  constructor(name: string, version: string, probe: () => Promise<string | undefined>) {
    this.#name = name;
    this.#version = version;
    this.#probe = probe;
  }

  getPluginInfo() {
    return { name: this.#name, vendor_version: this.#version };
  }

  getPluginCapabilities() {
    return {
      capabilities: [
        { service: { type: "CONTROLLER_SERVICE" as const } },
        { service: { type: "VOLUME_ACCESSIBILITY_CONSTRAINTS" as const } },
        { volume_expansion: { type: "ONLINE" as const } },
      ],
    };
  }

  async probe() {
    return { ready: { value: (await this.#probe()) === undefined } };
  }
}
