import { join } from "node:path";
import { createToken, systemClock } from "@berth/base";
import { definePlugin, implement, type Parts, type PluginLife, services } from "@berth/sdk";
import type { AttachmentStore } from "./attachments/attachment-store.ts";
import { SqliteAttachmentStore } from "./attachments/sqlite-attachment-store.ts";
import type { NetworkBackend } from "./backend/network-backend.ts";
import { KernelNetworkBackend } from "./backend/real.ts";
import { BridgeLife } from "./network/bridge-life.ts";
import { BridgeNetwork } from "./network/bridge-network.ts";
import { type BridgeConfig, resolveNetwork } from "./network/network-settings.ts";
import { NetworkVerbs } from "./verbs/network-verbs.ts";

const Store = createToken<AttachmentStore>("cni-bridge.attachment-store");
const Backend = createToken<NetworkBackend>("cni-bridge.backend");
const Network = createToken<BridgeNetwork>("cni-bridge.network");
const Life = createToken<PluginLife>("cni-bridge.life");

export const plugin = definePlugin<BridgeConfig>({
  folder: import.meta.dirname,
  services: [implement(services.network, NetworkVerbs, (parts) => new NetworkVerbs(parts.get(Network)))],
  configure(parts, config, context) {
    const settings = resolveNetwork(config);
    parts.bind(Store, () => {
      const store = new SqliteAttachmentStore(join(context.stateDirectory, "attachments.sqlite"));
      parts.disposables.defer("attachment store", () => store.close());
      return store;
    });
    parts.bind(Backend, () => new KernelNetworkBackend(systemClock));
    const make = (all: Parts): BridgeNetwork =>
      new BridgeNetwork(settings, all.get(Store), all.get(Backend), context.log);
    parts.bind(Network, make);
    parts.bind(Life, (all) => new BridgeLife(all.get(Network)));
  },
  life: (parts) => parts.get(Life),
});
