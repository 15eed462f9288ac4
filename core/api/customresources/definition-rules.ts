import type {
  CustomResourceColumnDefinition,
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
import { checkImmutable } from "../validation/checks.ts";
import { checkConversion } from "./conversion-rules.ts";
import { hasCondition } from "./custom-kinds.ts";
import { simplePath } from "./json-path.ts";
import { schemaAt } from "./rule-texts.ts";
import type { Schema } from "./schema.ts";
import { checkSchema } from "./schema-rules.ts";

/** What a CustomResourceDefinition must hold, in the sentences of the API it extends. */
export const definitionRules: TypeRules = {
  "apiextensions.v1.CustomResourceDefinition": rule<CustomResourceDefinition>((definition, _at, errors) => {
    const { metadata, status } = definition;
    const spec = definition.spec ?? {};
    const at = FieldPath.of("spec");
    const { group } = spec;
    // What is yet to be refused may lack them.
    const names = (spec as Partial<typeof spec>).names ?? { plural: "", kind: "" };
    if (metadata.name && metadata.name !== `${names.plural ?? ""}.${group ?? ""}`)
      errors.invalid(
        FieldPath.of("metadata", "name"),
        metadata.name,
        'must be spec.names.plural+"."+spec.group',
      );
    checkGroup(group, at.child("group"), errors);
    if (!spec.scope) errors.required(at.child("scope"));
    else if (!scopes.includes(spec.scope)) errors.notSupported(at.child("scope"), spec.scope, scopes);
    const versions = versionsOf(definition);
    checkVersions(versions, at, errors);
    checkVersionNames(spec.versions, at, errors);
    checkNames(names, at.child("names"), errors);
    checkShared(versions, at, errors);
    if (spec.conversion) checkConversion(spec.conversion, at.child("conversion"), errors);
    if (status) checkStoredVersions(status.storedVersions ?? [], versions, errors);
    if (group) checkApproval(group, metadata.annotations ?? {}, errors);
    if (spec.preserveUnknownFields)
      errors.invalid(
        at.child("preserveUnknownFields"),
        true,
        "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead",
      );
  }),
};

/** None where a definition that is yet to be refused leaves them out. */
export function versionsOf({ spec }: CustomResourceDefinition): readonly CustomResourceDefinitionVersion[] {
  return (spec as Partial<CustomResourceDefinition["spec"]> | undefined)?.versions ?? [];
}

const scopes = ["Cluster", "Namespaced"];
const approval = "api-approved.kubernetes.io";

function checkGroup(group: string | undefined, at: FieldPath, errors: FieldErrors): void {
  if (!group) {
    errors.required(at);
    return;
  }
  const wrong = dnsSubdomainRule(group);
  if (wrong.length > 0) errors.invalid(at, group, wrong.join(","));
  else if (!group.includes(".")) errors.invalid(at, group, "should be a domain with at least one dot");
}

const protection = "see https://github.com/kubernetes/enhancements/pull/1111";

function checkApproval(
  group: string,
  annotations: Readonly<Record<string, string>>,
  errors: FieldErrors,
): void {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return;
  const said = annotations[approval];
  const at = FieldPath.of("metadata", "annotations").at(approval);
  const demand = `protected groups must have approval annotation "${approval}"`;
  if (!said) errors.required(at, `${demand}, ${protection}`);
  else if (!said.startsWith("unapproved") && !/^[a-z][a-z\d+.-]*:\/\/[^/]/i.test(said))
    errors.invalid(
      at,
      said,
      `${demand} with either a URL or a reason starting with "unapproved", ${protection}`,
    );
}

function checkNames(names: CustomResourceDefinitionNames, at: FieldPath, errors: FieldErrors): void {
  const label = (name: string | undefined, where: FieldPath): void =>
    name ? checkLabel(name, where, errors) : undefined;
  const mixed = (name: string | undefined, where: FieldPath): void => {
    const wrong = name ? dns1035LabelRule(name.toLowerCase()).join(",") : "";
    if (wrong) errors.invalid(where, name, `may have mixed case, but should otherwise match: ${wrong}`);
  };
  for (const name of ["plural", "singular", "kind", "listKind"] as const)
    if (!names[name]) errors.required(at.child(name));
  label(names.plural, at.child("plural"));
  label(names.singular, at.child("singular"));
  mixed(names.kind, at.child("kind"));
  mixed(names.listKind, at.child("listKind"));
  if (names.kind && names.kind === names.listKind)
    errors.invalid(at.child("listKind"), names.listKind, "kind and listKind may not be the same");
  for (const [index, name] of (names.shortNames ?? []).entries())
    checkLabel(name, at.child("shortNames").at(index), errors);
  for (const [index, name] of (names.categories ?? []).entries())
    checkLabel(name, at.child("categories").at(index), errors);
}

function checkLabel(name: string | undefined, at: FieldPath, errors: FieldErrors): void {
  const wrong = dns1035LabelRule(name ?? "");
  if (wrong.length > 0) errors.invalid(at, name ?? "", wrong.join(","));
}

/** Where messages place what is the same in every version: it is no matter of one of them. */
const sharedPlaces = {
  schema: "validation",
  subresources: "subresources",
  additionalPrinterColumns: "additionalPrinterColumns",
  selectableFields: "selectableFields",
} as const;

type SharedPart = keyof typeof sharedPlaces;

/** In the form that speaks of all versions alike, where each has the same. */
function isShared(versions: readonly CustomResourceDefinitionVersion[], part: SharedPart): boolean {
  return versions.every((one) => deepEqual(one[part], versions[0]![part]));
}

/** What is of one version alone. */
function checkVersions(
  versions: readonly CustomResourceDefinitionVersion[],
  spec: FieldPath,
  errors: FieldErrors,
): void {
  const at = spec.child("versions");
  for (const [index, version] of versions.entries())
    if (!version.schema?.openAPIV3Schema) errors.required(at.at(index).child("schema", "openAPIV3Schema"));
  for (const [index, version] of versions.entries()) {
    const here = at.at(index);
    checkLabel(version.name, here.child("name"), errors);
    const { deprecated, deprecationWarning } = version;
    const wrong =
      deprecationWarning === undefined ? undefined : warningProblem(deprecated, deprecationWarning);
    if (wrong) errors.invalid(here.child("deprecationWarning"), deprecationWarning, wrong);
    checkParts(version, (part) => (isShared(versions, part) ? undefined : here.child(part)), errors);
  }
}

/** The lists of all versions as upstream shows them to those who made a mistake in one. */
function checkVersionNames(
  versions: readonly CustomResourceDefinitionVersion[] | undefined,
  spec: FieldPath,
  errors: FieldErrors,
): void {
  const at = spec.child("versions");
  const shown = versions?.map((one) => ({
    Name: one.name,
    Served: one.served ?? false,
    Storage: one.storage ?? false,
    Deprecated: one.deprecated ?? false,
    DeprecationWarning: one.deprecationWarning ?? null,
    ...Object.fromEntries(
      (["schema", "subresources", "additionalPrinterColumns", "selectableFields"] as const).map((part) => [
        part[0]!.toUpperCase() + part.slice(1),
        isShared(versions, part) ? null : (one[part] ?? null),
      ]),
    ),
  }));
  const names = (versions ?? []).map(({ name }) => name);
  if (new Set(names).size < names.length) errors.invalid(at, shown, "must contain unique version names");
  if ((versions ?? []).filter(({ storage }) => storage).length !== 1)
    errors.invalid(at, shown ?? null, "must have exactly one version marked as storage version");
  if (names[0]) {
    const wrong = dns1035LabelRule(names[0]);
    if (wrong.length > 0) errors.invalid(spec.child("version"), names[0], wrong.join(","));
  }
}

function checkShared(
  versions: readonly CustomResourceDefinitionVersion[],
  spec: FieldPath,
  errors: FieldErrors,
): void {
  const [first] = versions;
  if (first)
    checkParts(
      first,
      (part) => (isShared(versions, part) ? spec.child(sharedPlaces[part]) : undefined),
      errors,
    );
}

const longestWarning = 256;

/** @param place where a part is complained about; undefined when that is done elsewhere */
function checkParts(
  version: CustomResourceDefinitionVersion,
  place: (part: SharedPart) => FieldPath | undefined,
  errors: FieldErrors,
): void {
  const { subresources, additionalPrinterColumns, selectableFields } = version;
  const schema = version.schema?.openAPIV3Schema;
  const schemaAt = place("schema");
  if (schema && schemaAt) checkSchema(schema, schemaAt.child("openAPIV3Schema"), errors);
  const subresourcesAt = place("subresources");
  if (subresources?.scale && subresourcesAt)
    checkScale(subresources.scale, subresourcesAt.child("scale"), errors);
  const columnsAt = place("additionalPrinterColumns");
  if (columnsAt)
    for (const [index, column] of (additionalPrinterColumns ?? []).entries())
      checkColumn(column, columnsAt.at(index), errors);
  const fieldsAt = place("selectableFields");
  if (fieldsAt) checkSelectable(selectableFields ?? [], schema, fieldsAt, errors);
}

function warningProblem(deprecated: boolean | undefined, warning: string): string | undefined {
  if (!deprecated) return "can only be set for deprecated versions";
  if (warning === "") return "must not be an empty string";
  if (warning.length > longestWarning) return `must be <= ${longestWarning} characters long`;
  const index = warning.search(/[^\P{C}]/u);
  return index < 0
    ? undefined
    : `must only contain printable UTF-8 characters; non-printable character found at index ${index}`;
}

function checkSelectable(
  fields: NonNullable<CustomResourceDefinitionVersion["selectableFields"]>,
  schema: Schema | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const known = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const path = at.at(index).child("jsonPath");
    if (!jsonPath) {
      errors.required(path);
      continue;
    }
    const why = selectableProblem(schema, jsonPath);
    if (why) errors.invalid(path, jsonPath, why);
    if (why?.startsWith("is an invalid path")) continue;
    if (known.has(jsonPath)) errors.duplicate(path, jsonPath);
    known.add(jsonPath);
  }
  if (known.size > mostSelectable) errors.tooMany(at, known.size, mostSelectable);
}

const mostSelectable = 8;

function selectableProblem(schema: Schema | undefined, jsonPath: string): string | undefined {
  const names = jsonPath.includes("[") ? undefined : simplePath(jsonPath);
  if (!names) {
    const first = /^[^.[\]]+/.exec(jsonPath)?.[0];
    const why = first
      ? `expected [ or . but got: ${first}`
      : jsonPath.endsWith(".")
        ? "unexpected end of JSON path"
        : "array notation is not allowed";
    return `is an invalid path: ${why}`;
  }
  const found = schema && schemaAt(schema, jsonPath);
  if (!found) return "is an invalid path: does not refer to a valid field";
  if (names[0] === "metadata") return "must not point to fields in metadata";
  if (["boolean", "integer", "string"].includes(found.type ?? "")) return undefined;
  return "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
}

/** Whether what follows is good shows when a cell is filled. */
const simplyStarted = /^(?:\.[^.[\]{}]|\.$)/;
const simplyWritten = "must be a simple json path starting with .";
const columnTypes = ["boolean", "date", "integer", "number", "string"];
const columnFormats = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];

function checkColumn(column: CustomResourceColumnDefinition, at: FieldPath, errors: FieldErrors): void {
  const oneOf = (list: readonly string[]): string => `must be one of ${list.join(",")}`;
  if (!column.name) errors.required(at.child("name"));
  if (!column.type) errors.required(at.child("type"), oneOf(columnTypes));
  else if (!columnTypes.includes(column.type))
    errors.invalid(at.child("type"), column.type, oneOf(columnTypes));
  if (column.format && !columnFormats.includes(column.format))
    errors.invalid(at.child("format"), column.format, oneOf(columnFormats));
  if (!column.jsonPath) errors.required(at.child("JSONPath"));
  else if (!simplyStarted.test(column.jsonPath))
    errors.invalid(at.child("JSONPath"), column.jsonPath, simplyWritten);
}

function checkScale(
  scale: NonNullable<NonNullable<CustomResourceDefinitionVersion["subresources"]>["scale"]>,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const below = (name: keyof typeof scale, roots: readonly string[], sentence: string): void => {
    const path = scale[name];
    if (!path) {
      if (name !== "labelSelectorPath") errors.required(at.child(name));
    } else if (!simplyStarted.test(path)) errors.invalid(at.child(name), path, simplyWritten);
    else if (!roots.some((root) => path.startsWith(`.${root}.`)))
      errors.invalid(at.child(name), path, sentence);
  };
  below("specReplicasPath", ["spec"], "should be a json path under .spec");
  below("statusReplicasPath", ["status"], "should be a json path under .status");
  below("labelSelectorPath", ["status", "spec"], "should be a json path under either .spec or .status");
}

/** What stays as it is once objects may lie in the store. */
export function checkDefinitionUpdate(
  definition: CustomResourceDefinition,
  old: CustomResourceDefinition,
  errors: FieldErrors,
): void {
  const kept = ["spec.group", "spec.names.plural"];
  if (hasCondition(old, "Established")) kept.push("spec.scope", "spec.names.kind");
  const valueOf = (one: CustomResourceDefinition, path: string): unknown =>
    valueAt(one as unknown as JsonObject, path);
  for (const path of kept)
    checkImmutable(valueOf(definition, path), valueOf(old, path), FieldPath.of(...path.split(".")), errors);
}

/** Objects of a version lie in the store until somebody has written all of them anew. */
function checkStoredVersions(
  stored: readonly string[],
  versions: readonly CustomResourceDefinitionVersion[],
  errors: FieldErrors,
): void {
  const storedAt = FieldPath.of("status", "storedVersions");
  if (stored.length === 0) {
    errors.invalid(storedAt, null, "must have at least one stored version");
    return;
  }
  for (const [index, name] of stored.entries()) {
    if (versions.some((version) => version.name === name)) continue;
    errors.invalid(
      storedAt.at(index),
      name,
      `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
    );
  }
  const storage = versions.findLast((version) => version.storage)?.name;
  if (storage && !stored.includes(storage))
    errors.invalid(storedAt, stored, `must have the storage version ${storage}`);
}
