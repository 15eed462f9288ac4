import { join } from "node:path";
import { createToken } from "@berth/base";
import { definePlugin, implement, type PluginLife, services } from "@berth/sdk";
import { AttachmentFiles } from "./attachments/attachment-files.ts";
import { Chain } from "./chain/chain.ts";
import type { NetworkList } from "./chain/network-list.ts";
import { ExecLife } from "./exec-life.ts";
import { ExecNetwork } from "./exec-network.ts";
import { NetworkVerbs } from "./verbs/network-verbs.ts";

export interface CniExecConfig {
  network: NetworkList;
  programs: string[];
}

const Network = createToken<ExecNetwork>("cni-exec.network");
const Life = createToken<PluginLife>("cni-exec.life");

export const plugin = definePlugin<CniExecConfig>({
  folder: import.meta.dirname,
  services: [implement(services.network, NetworkVerbs, (parts) => new NetworkVerbs(parts.get(Network)))],
  configure(parts, { network, programs }, context) {
    parts.bind(Network, () => {
      const files = new AttachmentFiles(join(context.stateDirectory, "attachments"));
      return new ExecNetwork(new Chain(network, programs), files, programs, context.log);
    });
    parts.bind(Life, (all) => new ExecLife(all.get(Network)));
  },
  life: (parts) => parts.get(Life),
});
