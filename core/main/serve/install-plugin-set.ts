import { join } from "node:path";
import { BerthError } from "@berth/base";
import { berthGroup, berthVersion, type Plugin, type PluginSet } from "../../api/berth/types.ts";
import { type ApiClient, ApiError, type ApiObject, type ResourceClient } from "../../client/contracts.ts";
import { pluginObject } from "./plugin-object.ts";
import { type ShippedSet, shippedSets } from "./plugin-sets.ts";

const noSuchSet = BerthError.define({
  code: "BERTH_MAIN_NO_SUCH_SET",
  grpc: "NOT_FOUND",
  http: 404,
  next: "Name one of the shipped sets with --set, or none and create Plugin objects yourself.",
});

/** Takes one Plugin object per shipped plugin, pinned by digest, and the PluginSet that names them, to the API. */
export async function installPluginSet(
  client: ApiClient,
  options: { name: string; pluginFolder: string; dev: boolean },
): Promise<void> {
  const shipped = shippedSets[options.name];
  if (!shipped) {
    const known = Object.keys(shippedSets).join(", ");
    throw new BerthError(
      noSuchSet,
      `there is no plugin set "${options.name}"; the shipped ones are ${known}`,
    );
  }
  const names = Object.keys(shipped.plugins);
  const plugins = client.resource<Plugin>(resource("plugins"));
  await Promise.all(
    names.map(async (name) => {
      const overrides = shipped.plugins[name] ?? {};
      const path = join(options.pluginFolder, name);
      await put(plugins, await pluginObject(name, path, { dev: options.dev, overrides }));
    }),
  );
  await put(client.resource<PluginSet>(resource("pluginsets")), describeSet(options.name, shipped));
}

function describeSet(name: string, shipped: ShippedSet): PluginSet {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginSet",
    metadata: { name },
    spec: { plugins: Object.keys(shipped.plugins), ...shipped.set },
  };
}

function resource(name: string): { group: string; version: string; resource: string; namespaced: false } {
  return { group: berthGroup, version: berthVersion, resource: name, namespaced: false };
}

/** Creates the object, or brings the one that is there to the same spec; what an operator added to it stays. */
async function put<T extends ApiObject & { spec: object }>(
  client: ResourceClient<T>,
  wanted: T,
): Promise<void> {
  try {
    await client.create(wanted);
  } catch (error) {
    if (!ApiError.is(error, "AlreadyExists")) throw error;
    await client.patch(wanted.metadata?.name ?? "", "merge", { spec: wanted.spec });
  }
}
