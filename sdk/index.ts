export type { HostClient } from "./host-client.ts";
export { createStderrLogger } from "./logging.ts";
export { type PluginManifest, readManifest } from "./manifest.ts";
export type { Parts, PartsBinder } from "./parts.ts";
export {
  type Call,
  definePlugin,
  type Holding,
  implement,
  type PluginContext,
  type PluginDefinition,
  type PluginLife,
  type ServedService,
  type SynchronizeAnswer,
  type SynchronizeRequest,
} from "./plugin-definition.ts";
export { PluginError } from "./plugin-error.ts";
export { type HelperOptions, type HelperOutcome, type HelperStdio, runHelper } from "./run-helper.ts";
export { type PluginEnd, RunningPlugin } from "./running-plugin.ts";
export { sdkVersion } from "./sdk-version.ts";
export { serve } from "./serve.ts";
export type { HostNetworkClient } from "./stand-alone-network.ts";
export { createToken, type Token } from "@berth/base";
export { type Implementation, type PromiseClient, services } from "@berth/verbs";
