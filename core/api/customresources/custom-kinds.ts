import type {
  CustomResourceDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresources,
} from "../generated/types.ts";
import type { Column, Kind, Subresource } from "../kinds/kind.ts";
import { CustomType } from "./custom-type.ts";

const verbs = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
const viewVerbs = ["get", "patch", "update"];

/** The kinds that a definition makes: one for each version it serves, once its names are accepted. */
export function customKinds(definition: CustomResourceDefinition): Kind[] {
  if (!hasCondition(definition, "Established")) return [];
  return definition.spec.versions
    .filter(({ served }) => served)
    .map((version) => customKind(definition, version));
}

/** The kind of any version of a definition, served or not. */
export function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
): Kind {
  const { spec, status, metadata } = definition;
  const accepted = status?.acceptedNames?.plural ? status.acceptedNames : spec.names;
  const at = { group: spec.group, version: version.name };
  return {
    ...at,
    kind: accepted.kind,
    resource: accepted.plural,
    singular: accepted.singular ?? accepted.kind.toLowerCase(),
    shortNames: accepted.shortNames ?? [],
    categories: accepted.categories ?? [],
    namespaced: spec.scope === "Namespaced",
    verbs,
    servedByDefault: true,
    storageVersion: spec.versions.find(({ storage }) => storage)?.name ?? version.name,
    type: `${spec.group}/${version.name}.${accepted.kind}#${metadata.uid}.${metadata.generation ?? 1}`,
    subresources: subresourcesOf({ ...at, kind: accepted.kind }, version.subresources ?? {}),
    columns: columnsOf(version),
    custom: new CustomType(definition, version),
  };
}

export function hasCondition({ status }: CustomResourceDefinition, type: string): boolean {
  return status?.conditions?.some((one) => one.type === type && one.status === "True") ?? false;
}

function subresourcesOf(
  own: Pick<Subresource, "group" | "version" | "kind">,
  { status, scale }: CustomResourceSubresources,
): Subresource[] {
  return [
    ...(status ? [{ name: "status", ...own, verbs: viewVerbs }] : []),
    ...(scale
      ? [{ name: "scale", group: "autoscaling", version: "v1", kind: "Scale", verbs: viewVerbs }]
      : []),
  ];
}

const nameColumn: Column = {
  name: "Name",
  type: "string",
  format: "name",
  priority: 0,
  documentedBy: "meta.v1.ObjectMeta.name",
};

const ageColumn: Column = {
  name: "Age",
  type: "date",
  format: "",
  priority: 0,
  jsonPath: ".metadata.creationTimestamp",
  documentedBy: "meta.v1.ObjectMeta.creationTimestamp",
};

const described = (path: string): string => `Custom resource definition column (in JSONPath format): ${path}`;

function columnsOf({ additionalPrinterColumns }: CustomResourceDefinitionVersion): Column[] {
  if (!additionalPrinterColumns?.length) return [nameColumn, ageColumn];
  return [
    nameColumn,
    ...additionalPrinterColumns.map((column) => ({
      ...{ format: "", priority: 0 },
      ...column,
      description: column.description || described(column.jsonPath),
    })),
  ];
}
