import { createToken, definePlugin, implement, services } from "@berth/sdk";
import { NetworkVerbs } from "./verbs.ts";

const Network = createToken<NetworkVerbs>("__ID__.network");

/** Public methods of the verb class are the capabilities; what is not there answers UNIMPLEMENTED and is not claimed. */
export const plugin = definePlugin({
  folder: import.meta.dirname,
  services: [implement(services.network, NetworkVerbs, (parts) => parts.get(Network))],
  configure(parts) {
    parts.bind(Network, () => new NetworkVerbs());
  },
});
