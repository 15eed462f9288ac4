import { errorMessage } from "@berth/base";
import { type ApiClient, ApiError, type ResourceName } from "../../client/contracts.ts";

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

/** A group and version that did not say what it serves: the server behind it may be down. */
export interface DiscoveryFailure {
  readonly group: string;
  readonly groupVersion: string;
  readonly message: string;
}

export interface Discovery {
  readonly resources: readonly DiscoveredResource[];
  readonly failures: readonly DiscoveryFailure[];
}

/**
 * Every resource the API serves, custom ones too, each in its preferred version and without subresources.
 * @throws ApiError when the list of groups is not to be had
 */
export async function discoverResources(api: ApiClient, signal?: AbortSignal): Promise<Discovery> {
  const get = async <T>(path: string): Promise<T> =>
    (await api.request({ method: "GET", path, ...(signal && { signal }) })).body as T;
  const { groups } = await get<GroupList>("/apis");
  const failures: DiscoveryFailure[] = [];
  const listOf = async ({ name, preferredVersion }: GroupList["groups"][number]): Promise<ResourceList> => {
    const { groupVersion } = preferredVersion;
    try {
      return await get<ResourceList>(`/apis/${groupVersion}`);
    } catch (error) {
      signal?.throwIfAborted();
      // One that went since the groups were listed has nothing to tell.
      if (!ApiError.is(error, "NotFound"))
        failures.push({ group: name, groupVersion, message: errorMessage(error) });
      return { groupVersion, resources: [] };
    }
  };
  const lists = await Promise.all([get<ResourceList>("/api/v1"), ...groups.map(listOf)]);
  return { resources: lists.flatMap(resourcesOf), failures };
}

function resourcesOf({ groupVersion, resources }: ResourceList): DiscoveredResource[] {
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
}
