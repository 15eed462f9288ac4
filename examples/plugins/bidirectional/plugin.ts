import { createToken, definePlugin, implement, services } from "@berth/sdk";
import { TalkingNetwork } from "./talking-network.ts";

const Network = createToken<TalkingNetwork>("bidirectional.network");

export const plugin = definePlugin({
  folder: import.meta.dirname,
  services: [implement(services.network, TalkingNetwork, (parts) => parts.get(Network))],
  configure(parts, _config, { host }) {
    parts.bind(Network, () => new TalkingNetwork(host));
  },
});
