import { groupVersion, type Kind, type Subresource } from "../kinds/kind.ts";
import { type GroupKinds, groupKinds } from "./groups.ts";

/** `/api`. `address` is host:port clients outside reach the server by. */
export function coreVersions(kinds: readonly Kind[], address: string): object {
  const core = groupKinds(kinds).find(({ group }) => group === "");
  return {
    kind: "APIVersions",
    versions: core?.versions.map(({ version }) => version) ?? [],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: address }],
  };
}

/** `/apis`. */
export function groupList(kinds: readonly Kind[]): object {
  const groups = groupKinds(kinds).filter(({ group }) => group !== "");
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(describeGroup) };
}

/** `/apis/<group>`, or undefined for a group without kinds. */
export function apiGroup(kinds: readonly Kind[], group: string): object | undefined {
  const found = groupKinds(kinds).find((one) => one.group === group && group !== "");
  return found && { kind: "APIGroup", apiVersion: "v1", ...describeGroup(found) };
}

/** `/api/v1`, `/apis/<group>/<version>`, or undefined when nothing is there. */
export function resourceList(kinds: readonly Kind[], group: string, version: string): object | undefined {
  const members = kinds.filter((kind) => kind.group === group && kind.version === version);
  if (members.length === 0) return undefined;
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: groupVersion({ group, version }),
    resources: members.flatMap((kind) => [
      describeKind(kind),
      ...kind.subresources.map((subresource) => describeSubresource(kind, subresource)),
    ]),
  };
}

function describeGroup({ group, versions }: GroupKinds): object {
  const described = versions.map(({ version }) => ({
    groupVersion: groupVersion({ group, version }),
    version,
  }));
  return { name: group, versions: described, preferredVersion: described[0] };
}

function describeKind(kind: Kind): object {
  return {
    name: kind.resource,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(kind.storageVersionHash ? { storageVersionHash: kind.storageVersionHash } : {}),
  };
}

function describeSubresource(kind: Kind, { name, group, version, kind: spoken, verbs }: Subresource): object {
  const isForeign = group !== kind.group || version !== kind.version;
  return {
    name: `${kind.resource}/${name}`,
    singularName: "",
    namespaced: kind.namespaced,
    ...(isForeign ? { ...(group === "" ? {} : { group }), version } : {}),
    kind: spoken,
    verbs,
  };
}
