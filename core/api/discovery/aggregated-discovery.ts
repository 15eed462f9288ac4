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
  const subresources = kind.subresources.map((one) => describeSubresource(one, kind));
  return {
    resource: kind.resource,
    responseKind: responseKind(kind, kind),
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

function describeSubresource(one: Subresource, of: Kind): object {
  return { subresource: one.name, responseKind: responseKind(one, of), verbs: one.verbs };
}

/** Of built-in kinds what is as in the document around is left empty; clients fill it in. */
function responseKind({ group, version, kind }: Pick<Kind, "group" | "version" | "kind">, of: Kind): object {
  const isSame = !of.custom && group === of.group && version === of.version;
  return isSame ? { group: "", version: "", kind } : { group, version, kind };
}
