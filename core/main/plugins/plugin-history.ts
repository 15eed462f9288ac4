import { BerthError } from "@berth/base";
import {
  type ControllerRevision,
  deepEqual,
  type Plugin,
  pluginRevisionData,
  pluginRevisionLabel,
  pluginRevisionNamespace,
  type PluginSpec,
} from "../../api/index.ts";
import { type ApiClient, clientOf, resources } from "../../client/index.ts";

const noRevision = BerthError.define({
  code: "BERTH_PLUGIN_NO_REVISION",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "`berth plugin describe NAME` lists the revisions that are kept.",
});

/** What a Plugin said before and now, oldest first. */
export async function readHistory(api: ApiClient, plugin: Plugin): Promise<ControllerRevision[]> {
  const { items } = await clientOf(api, resources.controllerRevisions).list({
    namespace: pluginRevisionNamespace,
    labelSelector: `${pluginRevisionLabel}=${plugin.metadata.name}`,
  });
  return items
    .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === plugin.metadata.uid))
    .toSorted((a, b) => a.revision - b.revision);
}

export function specOf({ data }: ControllerRevision): PluginSpec {
  return (data as { spec: PluginSpec }).spec;
}

/** The revision to go back to: the one that is named, or the last that says something else than the Plugin does now. */
export function chooseRevision(
  history: readonly ControllerRevision[],
  { metadata, spec }: Plugin,
  named: number | undefined,
): ControllerRevision {
  const now = pluginRevisionData(spec);
  const found =
    named === undefined
      ? history.findLast(({ data }) => !deepEqual(data, now))
      : history.find(({ revision }) => revision === named);
  if (found) return found;
  const which = named === undefined ? "former revision" : `revision ${named}`;
  throw new BerthError(noRevision, `plugin ${metadata.name} has no ${which}`);
}
