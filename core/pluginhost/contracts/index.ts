import { createToken, type Token } from "@berth/base";
import type { PluginHost as PluginHostContract } from "./plugin-host.ts";
import type { PullSecrets as PullSecretsContract } from "./pull-secrets.ts";

export type * from "./csi-drivers.ts";
export type * from "./devices.ts";
export type * from "./plugin-host.ts";
export type * from "./plugin-tools.ts";
export type * from "./plugin-types.ts";
export type * from "./runtimes.ts";
export { handlerKey } from "./runtimes.ts";
export type * from "./unary-client.ts";
export { VerbError } from "./verb-error.ts";

/** The plugin host of this node, by its type and its token. */
export type PluginHost = PluginHostContract;
export const PluginHost: Token<PluginHost> = createToken<PluginHost>("pluginhost");

/** Provided by who knows the API. */
export type PullSecrets = PullSecretsContract;
export const PullSecrets: Token<PullSecrets> = createToken<PullSecrets>("pluginhost.pull-secrets");
