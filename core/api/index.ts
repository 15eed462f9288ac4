/**
 * Kubernetes objects, pure: what a kind is, how an object is decoded, defaulted, checked, patched, selected and printed.
 * Nothing here reads a clock, a file or a socket.
 */
export type * from "./generated/types.ts";
export { inPrecedence } from "./berth/set-precedence.ts";
export { pluginsOfNode, pullSecretOf } from "./berth/plugins-of-node.ts";
export type {
  ContractKind,
  LastCause,
  Plugin,
  PluginInstance,
  PluginInstanceStatus,
  PluginSet,
  PluginSetStatus,
  PluginSource,
  PluginSpec,
  PluginState,
  PluginStatus,
  SetOnNode,
} from "./berth/types.ts";
export { pluginRevisionData, pluginRevisionLabel, pluginRevisionNamespace } from "./berth/plugin-revision.ts";
export { drainedAnnotation, restartAnnotation } from "./berth/types.ts";
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
export { customKind, customKinds, hasCondition } from "./customresources/custom-kinds.ts";
export { versionsOf } from "./customresources/definition-rules.ts";
export { unknownFormats } from "./customresources/formats.ts";
export { type CustomType } from "./customresources/custom-type.ts";
export { rootType } from "./customresources/schema-types.ts";
export { fillDefaults, structureCustom } from "./customresources/structure-custom.ts";
export { parseJsonPath, simplePath } from "./customresources/json-path.ts";
export {
  elementType,
  type FieldSchema,
  type TypeLookup,
  typeSchema,
  typeSchemaNames,
  type TypeSchema,
} from "./schema/type-schema.ts";
export { malformedObject, objectTooLarge, strictDecoding } from "./errors/decode-error.ts";
export {
  type FieldError,
  type FieldErrorReason,
  FieldErrors,
  formatFieldError,
} from "./errors/field-error.ts";
export { FieldPath, rootPath } from "./errors/field-path.ts";
export { linesOf } from "./json/lines.ts";
export { syntaxError } from "./json/syntax-error.ts";
export {
  decodeJson,
  type DecodedJson,
  defaultJsonLimits,
  type JsonLimits,
  noJsonLimits,
} from "./json/decode-json.ts";
export {
  deepCopy,
  deepEqual,
  deepFreeze,
  isJsonObject,
  type JsonObject,
  ownMember,
  setMember,
} from "./json/json-value.ts";
export { type ExactInteger, exactInteger, isExactInteger } from "./json/raw-number.ts";
export {
  decodeAs,
  type DecodedObject,
  decodeApplied,
  decodeObject,
  type FieldValidation,
  type NamedType,
  namedType,
} from "./objects/decode-object.ts";
export { structure } from "./schema/structure.ts";
export {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from "./quantity/quantity.ts";
export { formatDuration, parseDuration } from "./time/duration.ts";
export { formatAge, formatMicroTime, formatSpan, formatTime, parseTime } from "./time/timestamp.ts";
export { isInScope as isInQuotaScope } from "./quota/quota-scopes.ts";
export {
  addUsage,
  missingAmounts as missingQuotaAmounts,
  type QuotaSubject,
  quotaSubjects,
  type Usage,
  usageOf,
} from "./quota/quota-usage.ts";
export { jsonPatch } from "./patch/json-patch.ts";
export { mergePatch } from "./patch/merge-patch.ts";
export { malformedPatch, patchDoesNotApply } from "./patch/patch-error.ts";
export { strategicMergePatch } from "./patch/strategic-merge-patch.ts";
export {
  type FieldRequirement,
  type FieldSelectorQuery,
  matchesFields,
  parseFieldSelector,
  readFieldSelector,
  selectedName,
} from "./selectors/field-selector.ts";
export {
  formatLabelSelector,
  labelSelectorQuery,
  malformedSelector,
  parseLabelSelector,
} from "./selectors/label-selector.ts";
export { type LabelSelectorQuery, matchesLabels, type Requirement } from "./selectors/requirement.ts";
export { type FieldReader, selectableFields } from "./selectors/selectable-fields.ts";
export {
  configMapKeyRule,
  dns1035LabelRule,
  dnsLabelRule,
  dnsSubdomainRule,
  labelValueRule,
  type NameRule,
  qualifiedNameRule,
} from "./names/name-rules.ts";
export { autoscalerToV1, autoscalerToV2 } from "./objects/convert-autoscaler.ts";
export { eventFromCore, eventToCore } from "./objects/convert-event.ts";
export { nodeRoles } from "./table/core-cells.ts";
export { type PodSummary, summarizePod } from "./table/pod-cells.ts";
export { type Printed, rowOf, type TableOptions, plainMetadata, toTable } from "./table/to-table.ts";
export { decodeProtobuf } from "./protobuf/decode-protobuf.ts";
export { isProtobuf } from "./protobuf/envelope.ts";
export { applyDefaults } from "./defaults/apply-defaults.ts";
export { mirrorAnnotation } from "./validation/mirror-pod-rules.ts";
export { checkServiceAddresses } from "./validation/service-address-rules.ts";
export { validateCreate, validateUpdate } from "./validation/validate.ts";
export { dropClosedFields } from "./objects/closed-gates.ts";
export { warningsOnCreate, warningsOnUpdate } from "./warnings/kind-warnings.ts";
export { cidrRule, ipRule, isIpv4, isIpv6 } from "./names/ip-rules.ts";
export { aggregatedDiscovery, aggregatedDiscoveryType } from "./discovery/aggregated-discovery.ts";
export { groupPriority } from "./discovery/group-priorities.ts";
export { compareVersions, type GroupKinds, groupKinds } from "./discovery/groups.ts";
export { apiGroup, coreVersions, groupList, resourceList } from "./discovery/legacy-discovery.ts";
export { mergeOpenApiV2 } from "./openapi/merge-openapi-v2.ts";
export {
  loadDescriptions,
  openApiV2,
  openApiV3,
  type OpenApiOptions,
  serverOpenApiV3,
} from "./openapi/openapi-documents.ts";
export { serverOperations } from "./openapi/server-operations.ts";
export { type Descriptions } from "./openapi/type-definitions.ts";
export { openApiName } from "./openapi/type-names.ts";
export { shownPath } from "./apply/field-set.ts";
export { typedMistakes } from "./apply/typed-mistakes.ts";
export { keyedPath, undeclaredFields } from "./apply/undeclared-fields.ts";
export { goText } from "./json/go-text.ts";
export { mergeApplied } from "./apply/merge-applied.ts";
export { wholeParts } from "./apply/whole-parts.ts";
export { parsePointer } from "./patch/json-pointer.ts";
export {
  type Applied,
  applyFields,
  type FieldConflict,
  type ManagedFieldsEntry,
  trackUpdate,
  type Writer,
} from "./apply/managed-fields.ts";
