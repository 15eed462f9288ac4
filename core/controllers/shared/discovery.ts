import type { ApiClient, ResourceName } from "../../client/contracts.ts";

/** A resource as the API's discovery tells of it. */
export interface DiscoveredResource extends ResourceName {
  readonly kind: string;
  readonly verbs: ReadonlySet<string>;
}

interface ResourceList {
  groupVersion: string;
  resources: { name: string; namespaced: boolean; kind: string; verbs?: string[] }[];
}

interface GroupList {
  groups: { name: string; preferredVersion: { groupVersion: string; version: string } }[];
}

/** Every resource the API serves, custom ones too, each in its preferred version and without subresources. */
export async function discoverResources(api: ApiClient, signal?: AbortSignal): Promise<DiscoveredResource[]> {
  const get = async <T>(path: string): Promise<T> =>
    (await api.request({ method: "GET", path, ...(signal && { signal }) })).body as T;
  const { groups } = await get<GroupList>("/apis");
  const paths = [
    "/api/v1",
    ...groups.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`),
  ];
  const lists = await Promise.all(paths.map((path) => get<ResourceList>(path)));
  return lists.flatMap(({ groupVersion, resources }) => {
    const [version = "", group = ""] = groupVersion.split("/").toReversed();
    return resources
      .filter(({ name }) => !name.includes("/"))
      .map(({ name, namespaced, kind, verbs = [] }) => ({
        group,
        version,
        resource: name,
        namespaced,
        kind,
        verbs: new Set(verbs),
      }));
  });
}
