import { type BerthError, withNextStep } from "@berth/base";
import type { PluginLink } from "./call/plugin-link.ts";
import type { DesiredPlugin } from "./contracts/plugin-host.ts";
import type { ContractKind } from "./contracts/plugin-types.ts";
import type { HostedPlugin } from "./hosted-plugin.ts";
import { PluginStatus } from "./supervise/plugin-status.ts";

/** A plugin that cannot be on this node whatever its definition says; it is shown with the reason. */
export class RefusedPlugin implements HostedPlugin {
  readonly name: string;
  readonly contract: ContractKind;
  readonly needs: readonly string[] = [];
  readonly isServing = false;
  readonly isComing = false;
  readonly link: PluginLink;
  readonly status: PluginStatus;
  readonly #error: BerthError;

  constructor(desired: DesiredPlugin, link: PluginLink, error: BerthError) {
    this.name = desired.name;
    this.contract = desired.spec.contract;
    this.link = link;
    this.#error = error;
    this.status = new PluginStatus(link, { name: this.name, contract: this.contract, mode: "managed" });
  }

  start(): void {
    this.status.set("refused", withNextStep(this.#error), { code: this.#error.code });
  }

  update(): void {}

  wake(): void {}

  async remove(): Promise<void> {}

  async leave(): Promise<void> {}
}
