import type {
  CustomResourceColumnDefinition,
  CustomResourceConversion,
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dns1035LabelRule, dnsSubdomainRule } from "../names/name-rules.ts";
import { deepEqual, type JsonObject } from "../json/json-value.ts";
import { rule, type TypeRules } from "../schema/check-structure.ts";
import { valueAt } from "../table/cell.ts";
import { checkImmutable, checkName } from "../validation/checks.ts";
import { hasCondition } from "./custom-kinds.ts";
import { parseJsonPath, simplePath } from "./json-path.ts";
import { schemaAt } from "./rule-texts.ts";
import type { Schema } from "./schema.ts";
import { checkSchema } from "./schema-rules.ts";

/** What a CustomResourceDefinition must hold, in the sentences of the API it extends. */
export const definitionRules: TypeRules = {
  "apiextensions.v1.CustomResourceDefinition": rule<CustomResourceDefinition>((definition, _at, errors) => {
    const { metadata, spec } = definition;
    if (!spec) return;
    const at = FieldPath.of("spec");
    const { group, names } = spec;
    if (names && metadata.name !== `${names.plural}.${group}`)
      errors.invalid(
        FieldPath.of("metadata", "name"),
        metadata.name,
        'must be spec.names.plural+"."+spec.group',
      );
    checkGroup(definition, at, errors);
    if (spec.scope && !scopes.includes(spec.scope))
      errors.notSupported(at.child("scope"), spec.scope, scopes);
    if (spec.preserveUnknownFields)
      errors.invalid(
        at.child("preserveUnknownFields"),
        true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      );
    if (names) checkNames(names, at.child("names"), errors);
    checkVersions(versionsOf(definition), at, errors);
    if (spec.conversion) checkConversion(spec.conversion, at.child("conversion"), errors);
  }),
};

/** None where a definition that is yet to be refused leaves them out. */
export function versionsOf({ spec }: CustomResourceDefinition): readonly CustomResourceDefinitionVersion[] {
  return (spec as Partial<CustomResourceDefinition["spec"]> | undefined)?.versions ?? [];
}

const scopes = ["Cluster", "Namespaced"];
const approval = "api-approved.kubernetes.io";

function checkGroup({ metadata, spec }: CustomResourceDefinition, at: FieldPath, errors: FieldErrors): void {
  const { group } = spec;
  if (!group) return;
  checkName(group, dnsSubdomainRule, at.child("group"), errors);
  if (!group.includes("."))
    errors.invalid(at.child("group"), group, "should be a domain with at least one dot");
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group) || metadata.annotations?.[approval]) return;
  errors.required(
    FieldPath.of("metadata", "annotations").at(approval),
    `protected groups must have approval annotation "${approval}", see https://github.com/kubernetes/enhancements/pull/1111`,
  );
}

function checkNames(names: CustomResourceDefinitionNames, at: FieldPath, errors: FieldErrors): void {
  const label = (name: string | undefined, where: FieldPath): void =>
    checkName(name, dns1035LabelRule, where, errors);
  const mixed = (name: string | undefined, where: FieldPath): void => {
    const wrong = name ? dns1035LabelRule(name.toLowerCase()).join(",") : "";
    if (wrong) errors.invalid(where, name, `may have mixed case, but should otherwise match: ${wrong}`);
  };
  label(names.plural, at.child("plural"));
  label(names.singular, at.child("singular"));
  mixed(names.kind, at.child("kind"));
  mixed(names.listKind, at.child("listKind"));
  if (names.kind && names.kind === names.listKind)
    errors.invalid(at.child("listKind"), names.listKind, "kind and listKind may not be the same");
  for (const [index, name] of (names.shortNames ?? []).entries())
    label(name, at.child("shortNames").at(index));
  for (const [index, name] of (names.categories ?? []).entries())
    label(name, at.child("categories").at(index));
}

/** Where messages place what is the same in every version: it is no matter of one of them. */
const sharedPlaces = {
  schema: "validation",
  subresources: "subresources",
  additionalPrinterColumns: "additionalPrinterColumns",
  selectableFields: "selectableFields",
} as const;

/** Where a part of a version is complained about; undefined when that was done with an earlier version. */
type PlaceOf = (part: keyof typeof sharedPlaces) => FieldPath | undefined;

function checkVersions(
  versions: readonly CustomResourceDefinitionVersion[],
  spec: FieldPath,
  errors: FieldErrors,
): void {
  if (versions.length === 0) return;
  const at = spec.child("versions");
  const names = versions.map(({ name }) => name);
  if (new Set(names).size < names.length) errors.invalid(at, names, "must contain unique version names");
  if (versions.filter(({ storage }) => storage).length !== 1)
    errors.invalid(at, names, "must have exactly one version marked as storage version");
  for (const [index, version] of versions.entries()) {
    const place: PlaceOf = (part) => {
      if (!versions.every((one) => deepEqual(one[part], versions[0]![part]))) return at.at(index).child(part);
      return index === 0 ? spec.child(sharedPlaces[part]) : undefined;
    };
    checkVersion(version, at.at(index), place, errors);
  }
}

const longestWarning = 256;

function checkVersion(
  version: CustomResourceDefinitionVersion,
  at: FieldPath,
  place: PlaceOf,
  errors: FieldErrors,
): void {
  checkName(version.name, dns1035LabelRule, at.child("name"), errors);
  const { deprecated, deprecationWarning, subresources, additionalPrinterColumns, selectableFields } =
    version;
  const wrong = deprecationWarning === undefined ? undefined : warningProblem(deprecated, deprecationWarning);
  if (wrong) errors.invalid(at.child("deprecationWarning"), deprecationWarning, wrong);
  const schema = version.schema?.openAPIV3Schema;
  const schemaPlace = place("schema");
  if (!schema) errors.required(at.child("schema", "openAPIV3Schema"), "schemas are required");
  else if (schemaPlace) checkSchema(schema, schemaPlace.child("openAPIV3Schema"), errors);
  const columnsAt = place("additionalPrinterColumns");
  if (columnsAt)
    for (const [index, column] of (additionalPrinterColumns ?? []).entries())
      checkColumn(column, columnsAt.at(index), errors);
  const subresourcesAt = place("subresources");
  if (subresources?.scale && subresourcesAt)
    checkScale(subresources.scale, subresourcesAt.child("scale"), errors);
  const fieldsAt = place("selectableFields");
  if (fieldsAt) checkSelectable(selectableFields ?? [], schema, fieldsAt, errors);
}

function warningProblem(deprecated: boolean | undefined, warning: string): string | undefined {
  if (!deprecated) return "can only be set for deprecated versions";
  if (warning === "") return "must not be an empty string";
  return warning.length > longestWarning ? `must be <= ${longestWarning} characters long` : undefined;
}

function checkSelectable(
  fields: NonNullable<CustomResourceDefinitionVersion["selectableFields"]>,
  schema: Schema | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (fields.length > mostSelectable) errors.tooMany(at, fields.length, mostSelectable);
  for (const [index, { jsonPath }] of fields.entries()) {
    const path = at.at(index).child("jsonPath");
    const why = selectableProblem(schema, jsonPath);
    if (why) errors.invalid(path, jsonPath, why);
    if (fields.findIndex((one) => one.jsonPath === jsonPath) < index) errors.duplicate(path, jsonPath);
  }
}

const mostSelectable = 8;

function selectableProblem(schema: Schema | undefined, jsonPath: string): string | undefined {
  const names = simplePath(jsonPath);
  if (!names) {
    const first = /^[^.[\]]+/.exec(jsonPath)?.[0];
    const why = first ? `expected [ or . but got: ${first}` : "array notation is not allowed";
    return `is an invalid path: ${why}`;
  }
  const found = schema && schemaAt(schema, jsonPath);
  if (!found) return "is an invalid path: does not refer to a valid field";
  if (names[0] === "metadata") return "must not point to fields in metadata";
  if (["boolean", "integer", "string"].includes(found.type ?? "")) return undefined;
  return "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
}

const simplyWritten = "must be a simple json path starting with .";
const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

function checkColumn(column: CustomResourceColumnDefinition, at: FieldPath, errors: FieldErrors): void {
  const oneOf = (list: readonly string[]): string => `must be one of ${list.join(",")}`;
  if (column.type && !columnTypes.includes(column.type))
    errors.invalid(at.child("type"), column.type, oneOf(columnTypes));
  if (column.format && !columnFormats.includes(column.format))
    errors.invalid(at.child("format"), column.format, oneOf(columnFormats));
  if (column.jsonPath && !parseJsonPath(column.jsonPath))
    errors.invalid(at.child("JSONPath"), column.jsonPath, simplyWritten);
}

function checkScale(
  scale: NonNullable<NonNullable<CustomResourceDefinitionVersion["subresources"]>["scale"]>,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const below = (name: keyof typeof scale, roots: readonly string[], sentence: string): void => {
    const path = scale[name];
    if (!path) return;
    const [first, ...more] = simplePath(path) ?? [];
    if (first === undefined) errors.invalid(at.child(name), path, simplyWritten);
    else if (more.length === 0 || !roots.includes(first)) errors.invalid(at.child(name), path, sentence);
  };
  below("specReplicasPath", ["spec"], "should be a json path under .spec");
  below("statusReplicasPath", ["status"], "should be a json path under .status");
  below("labelSelectorPath", ["status", "spec"], "should be a json path under either .status or .spec");
}

function checkConversion(conversion: CustomResourceConversion, at: FieldPath, errors: FieldErrors): void {
  const { strategy, webhook } = conversion;
  if (strategy !== "None" && strategy !== "Webhook") {
    errors.notSupported(at.child("strategy"), strategy, ["None", "Webhook"]);
    return;
  }
  const here = at.child("webhookClientConfig");
  if (strategy === "None") {
    if (webhook) errors.forbidden(here, "should not be set when strategy is not set to Webhook");
    return;
  }
  const client = webhook?.clientConfig;
  if (!client) errors.required(here, "required when strategy is set to Webhook");
  else if ((client.url === undefined) === (client.service === undefined))
    errors.required(here, "exactly one of url or service is required");
  if (client?.url !== undefined && !client.url.startsWith("https://"))
    errors.invalid(here.child("url"), client.url, '"https" is the only allowed URL scheme');
  const known = webhook?.conversionReviewVersions ?? [];
  if (webhook && known.length > 0 && !known.includes("v1"))
    errors.invalid(at.child("conversionReviewVersions"), known, "must include at least one of v1, v1beta1");
}

/** What stays as it is once objects may lie in the store. */
export function checkDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  errors: FieldErrors,
): void {
  const { status } = definition;
  const kept = ["spec.group", "spec.names.plural"];
  if (hasCondition(old, "Established")) kept.push("spec.scope", "spec.names.kind");
  const valueOf = (one: CustomResourceDefinition, path: string): unknown =>
    valueAt(one as unknown as JsonObject, path);
  for (const path of kept)
    checkImmutable(valueOf(definition, path), valueOf(old, path), FieldPath.of(...path.split(".")), errors);
  const storedAt = FieldPath.of("status", "storedVersions");
  const stored = status?.storedVersions ?? [];
  for (const [index, name] of stored.entries()) {
    if (versionsOf(definition).some((version) => version.name === name)) continue;
    errors.invalid(
      storedAt.at(index),
      name,
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
    );
  }
  const storage = versionsOf(definition).find((version) => version.storage)?.name;
  if (storage && stored.length > 0 && !stored.includes(storage))
    errors.invalid(storedAt, stored, `must have the storage version ${storage}`);
}
