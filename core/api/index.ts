/**
 * Kubernetes objects, pure: what a kind is, how an object is decoded, defaulted, checked, patched, selected and printed.
 * Nothing here reads a clock, a file or a socket.
 */
export type * from "./generated/types.ts";
export type {
  ContractKind,
  LastCause,
  Plugin,
  PluginInstance,
  PluginInstanceStatus,
  PluginSet,
  PluginSource,
  PluginSpec,
  PluginState,
  PluginStatus,
} from "./berth/types.ts";
export { berthGroup, berthVersion } from "./berth/types.ts";
export {
  type Column,
  groupVersion,
  hasSubresource,
  type Kind,
  parseGroupVersion,
  storagePrefix,
  type Subresource,
} from "./kinds/kind.ts";
export { kindOf, kinds, KindTable } from "./kinds/kinds.ts";
export {
  elementType,
  type FieldSchema,
  typeSchema,
  typeSchemaNames,
  type TypeSchema,
} from "./schema/type-schema.ts";
