import { createToken, definePlugin, implement, services } from "@berth/sdk";
import { IdentityVerbs, NodeVerbs } from "./verbs.ts";

interface Config {
  readonly driverName: string;
}

const Identity = createToken<IdentityVerbs>("__ID__.identity");
const Node = createToken<NodeVerbs>("__ID__.node");

/** Public methods of the verb classes are the capabilities; what is not there answers UNIMPLEMENTED and is not claimed. */
export const plugin = definePlugin<Config>({
  folder: import.meta.dirname,
  services: [
    implement(services.csiIdentity, IdentityVerbs, (parts) => parts.get(Identity)),
    implement(services.csiNode, NodeVerbs, (parts) => parts.get(Node)),
  ],
  configure(parts, config, { manifest, nodeName }) {
    parts.bind(Identity, () => new IdentityVerbs(config.driverName, manifest.version));
    parts.bind(Node, () => new NodeVerbs(nodeName));
  },
});
