export type { BlobSink } from "./archive-contents.ts";
export { chainIds, sha256 } from "./chain-id.ts";
export { type ArchiveImage, readImageArchive } from "./image-archive.ts";
export {
  type Descriptor,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  isManifestType,
  mediaType,
  type Platform,
} from "./image-types.ts";
export { invalidArchive, invalidReference, invalidSpec } from "./oci-error.ts";
export { chooseManifest, ownPlatform } from "./platform.ts";
export {
  digestReference,
  formatReference,
  normalizeReference,
  parseReference,
  type Reference,
} from "./reference.ts";
export {
  type CapabilityChoice,
  allCapabilities,
  capabilitiesOfMask,
  resolveCapabilities,
} from "./spec/capabilities.ts";
export {
  baseMounts,
  defaultDeviceRules,
  defaultMaskedPaths,
  defaultReadonlyPaths,
  deviceRule,
} from "./spec/default-paths.ts";
export { mergeProcess } from "./spec/image-process.ts";
export { resolveUser, type UserChoice, type UserFiles } from "./spec/process-user.ts";
export { clampOomScore, type ResourceLimits, toSpecResources } from "./spec/resources.ts";
export type {
  CapabilitySets,
  NamespaceKind,
  ProcessSpec,
  ProcessUser,
  RuntimeSpec,
  SeccompSpec,
  SpecDevice,
  SpecMount,
  SpecResources,
} from "./spec/runtime-spec.ts";
export { defaultSeccompProfile } from "./spec/seccomp.ts";
