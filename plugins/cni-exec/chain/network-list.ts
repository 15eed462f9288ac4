import type { JsonObject } from "@berth/verbs";

/** A configuration list, as the schema in plugin.json has checked it. */
export interface NetworkList {
  readonly cniVersion: string;
  readonly name: string;
  readonly disableCheck: boolean;
  readonly plugins: readonly (JsonObject & { readonly type: string })[];
}

/** What one program reads: its section with what the list and the call add to it. */
export function sectionFor(
  list: NetworkList,
  plugin: NetworkList["plugins"][number],
  given: { readonly runtime: JsonObject; readonly prevResult?: JsonObject | undefined },
): JsonObject {
  const { capabilities, ...section } = plugin;
  const wanted = Object.entries((capabilities ?? {}) as JsonObject).filter(
    ([, isWanted]) => isWanted === true,
  );
  const runtime = Object.fromEntries(
    wanted.flatMap(([name]) => (given.runtime[name] === undefined ? [] : [[name, given.runtime[name]]])),
  );
  return {
    ...section,
    cniVersion: list.cniVersion,
    name: list.name,
    ...(Object.keys(runtime).length > 0 ? { runtimeConfig: runtime } : {}),
    ...(given.prevResult ? { prevResult: given.prevResult } : {}),
  };
}
