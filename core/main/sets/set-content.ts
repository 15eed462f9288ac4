import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "@berth/base";
import { parseAllDocuments } from "yaml";
import type { Plugin, PluginSet } from "../../api/index.ts";
import { pluginObject } from "../serve/plugin-object.ts";
import { shippedSets } from "../serve/plugin-sets.ts";

/** A set with the definitions of its plugins: what is applied, and what its history keeps. */
export interface SetContent {
  readonly name: string;
  readonly set: Omit<PluginSet["spec"], "revision">;
  readonly plugins: Readonly<Record<string, Plugin["spec"]>>;
}

export const noSuchSet = BerthError.define({
  code: "BERTH_MAIN_NO_SUCH_SET",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Name one of the shipped sets, or one of your own: berth set ls lists both.",
});

const badSetFile = BerthError.define({
  code: "BERTH_MAIN_SET_FILE",
  grpc: "INVALID_ARGUMENT",
  http: 422,
  owner: "operator",
  next: "Write one PluginSet, and beside it any Plugins it names, as YAML or JSON documents of one file.",
});

/** One of the sets that ship with Berth, its plugins pinned as they lie in `folder`. */
export async function shippedContent(
  name: string,
  options: { folder: string; dev: boolean },
): Promise<SetContent> {
  const shipped = shippedSets[name];
  if (!shipped) {
    const known = Object.keys(shippedSets).join(", ");
    throw new BerthError(noSuchSet, `there is no plugin set "${name}"; the shipped ones are ${known}`);
  }
  const plugins = await Promise.all(
    Object.entries(shipped.plugins).map(async ([plugin, overrides]) => {
      const object = await pluginObject(plugin, join(options.folder, plugin), {
        dev: options.dev,
        overrides,
      });
      return [plugin, object.spec] as const;
    }),
  );
  const set = { plugins: plugins.map(([plugin]) => plugin), ...shipped.set };
  return { name, set, plugins: Object.fromEntries(plugins) };
}

/** A set from a file. Plugins it names and does not hold are left as they are. */
export async function contentOfFile(path: string): Promise<SetContent> {
  const documents = parseAllDocuments(await readFile(path, "utf8"));
  const objects = documents.flatMap((document) => {
    const value = document.toJS() as { kind?: string; items?: unknown[] } | undefined;
    return value?.kind === "List" ? (value.items ?? []) : value ? [value] : [];
  }) as (Plugin | PluginSet)[];
  const sets = objects.filter((object): object is PluginSet => object.kind === "PluginSet");
  const [set] = sets;
  const odd = objects.find(({ kind }) => kind !== "Plugin" && kind !== "PluginSet");
  if (!set || sets.length > 1)
    throw new BerthError(badSetFile, `${path} holds ${sets.length} PluginSets, but must hold one`);
  if (odd) throw new BerthError(badSetFile, `${path} holds a ${odd.kind}, which is no part of a set`);
  const { revision: _, ...spec } = set.spec;
  const plugins = objects.filter((object): object is Plugin => object.kind === "Plugin");
  return {
    name: set.metadata.name ?? "",
    set: spec,
    plugins: Object.fromEntries(plugins.map((plugin) => [plugin.metadata.name ?? "", plugin.spec])),
  };
}
