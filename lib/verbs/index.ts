export { type ConfigSchema, checkConfig, ConfigError } from "./config-schema.ts";
export { Connection } from "./connection.ts";
export { longestSocketPath, socketPath } from "./endpoint.ts";
export { environment, type HostAnswer, type PluginHello } from "./handshake.ts";
export { Lanes, type LaneTask } from "./lanes.ts";
export { redactedText, Redactor } from "./redactor.ts";
export { retrying, type RetryOptions } from "./retry.ts";
export { failedCall, isRpcError, RpcError, toRpcError } from "./rpc-error.ts";
export { type ServiceKey, serviceKey, services } from "./service-key.ts";
export type { Implementation, OutgoingOptions, ParentCall, PromiseClient } from "./service-types.ts";
export { isStatusName, statusCode, statusName, type StatusName } from "./status.ts";
export { fromStruct, type JsonObject, type JsonValue, toStruct } from "./struct.ts";
export {
  laneKey,
  type MethodDefinition,
  readVerbOptions,
  serviceNames,
  type Verb,
  type VerbOptions,
  verbKey,
  verbsOf,
} from "./verb-options.ts";
export { UnaryChannel } from "./unary-channel.ts";
export { largestMessage } from "./unary-exchange.ts";
