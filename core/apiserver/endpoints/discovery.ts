import { groupVersion, type Kind, type KindTable } from "../../api/index.ts";

/** Which kinds a server answers for. */
export type ServedKinds = () => KindTable;

const verbOrder = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** GET /api */
export function coreVersions(address: string): object {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

/** GET /apis */
export function groupList(table: KindTable): object {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groupsOf(table).map((name) => group(table, name)),
  };
}

/** GET /apis/GROUP; undefined when there is none of that name. */
export function groupDocument(table: KindTable, name: string): object | undefined {
  if (!groupsOf(table).includes(name)) return undefined;
  return { kind: "APIGroup", apiVersion: "v1", ...group(table, name) };
}

/** GET /api/v1, /apis/GROUP/VERSION; undefined when nothing is served there. */
export function resourceList(table: KindTable, groupName: string, version: string): object | undefined {
  const served = servedKinds(table).filter((kind) => kind.group === groupName && kind.version === version);
  if (served.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: groupVersion({ group: groupName, version }),
    resources: served.flatMap(resources),
  };
}

function resources(kind: Kind): object[] {
  const { resource, singular, namespaced, shortNames, categories } = kind;
  return [
    {
      name: resource,
      singularName: singular,
      namespaced,
      kind: kind.kind,
      verbs: sortVerbs(kind.verbs),
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
      ...(kind.storageVersionHash ? { storageVersionHash: kind.storageVersionHash } : {}),
    },
    ...kind.subresources.map((sub) => ({
      name: `${resource}/${sub.name}`,
      singularName: "",
      namespaced,
      ...(sub.group === kind.group && sub.version === kind.version
        ? {}
        : { group: sub.group, version: sub.version }),
      kind: sub.kind,
      verbs: sortVerbs(sub.verbs),
    })),
  ];
}

function sortVerbs(verbs: readonly string[]): string[] {
  return [...verbs].sort((a, b) => verbOrder.indexOf(a) - verbOrder.indexOf(b));
}

function group(table: KindTable, name: string): object {
  const versions = versionsOf(table, name).map((version) => ({
    groupVersion: groupVersion({ group: name, version }),
    version,
  }));
  return { name, versions, preferredVersion: versions[0] };
}

export function servedKinds(table: KindTable): Kind[] {
  return table.all().filter((kind) => kind.servedByDefault);
}

function groupsOf(table: KindTable): string[] {
  return [...new Set(servedKinds(table).map((kind) => kind.group))].filter((name) => name !== "");
}

function versionsOf(table: KindTable, name: string): string[] {
  return [
    ...new Set(
      servedKinds(table)
        .filter((kind) => kind.group === name)
        .map((kind) => kind.version),
    ),
  ];
}
