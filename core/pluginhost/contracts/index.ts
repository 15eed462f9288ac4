import { createToken, type Token } from "@berth/base";
import type { PluginHost as PluginHostContract } from "./plugin-host.ts";

export type * from "./plugin-host.ts";
export { handlerKey } from "./plugin-host.ts";
export type * from "./plugin-tools.ts";
export type * from "./plugin-types.ts";
export { VerbError } from "./verb-error.ts";

/** The plugin host of this node, by its type and its token. */
export type PluginHost = PluginHostContract;
export const PluginHost: Token<PluginHost> = createToken<PluginHost>("pluginhost");
