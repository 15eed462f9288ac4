import type { Kind, Subresource } from "../kinds/kind.ts";
import { groupKinds } from "./groups.ts";

/** Media type parameters of the one answer that tells all of `/api` or `/apis`. */
export const aggregatedDiscoveryType = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/** `/api` (`core`) or `/apis` in one document (`apidiscovery.k8s.io/v2`). */
export function aggregatedDiscovery(kinds: readonly Kind[], part: "core" | "groups"): object {
  const groups = groupKinds(kinds).filter(({ group }) => (group === "") === (part === "core"));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: "apidiscovery.k8s.io/v2",
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === "" ? {} : { name: group },
      versions: versions.map(({ version, kinds: members }) => ({
        version,
        resources: members.map(describeKind),
        freshness: "Current",
      })),
    })),
  };
}

function describeKind(kind: Kind): object {
  const subresources = kind.subresources.map(describeSubresource);
  return {
    resource: kind.resource,
    responseKind: { group: kind.group, version: kind.version, kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function describeSubresource({ name, group, version, kind, verbs }: Subresource): object {
  return { subresource: name, responseKind: { group, version, kind }, verbs };
}
