import { isDeepStrictEqual } from "node:util";
import { inPrecedence, type Plugin, type PluginSet } from "../../api/index.ts";
import {
  type ApiClient,
  ApiError,
  clientOf,
  type ResourceClient,
  resources,
  retryOnConflict,
} from "../../client/index.ts";
import type { SetContent } from "./set-content.ts";
import { mergeSpec, type RenamedKeys } from "./rename-keys.ts";
import { SetHistory } from "./set-history.ts";

export interface Applied {
  readonly revision: number;
  /** False: that is what is in force already, and nothing was written. */
  readonly changed: boolean;
}

/** Of a set that is still being written: it names its Plugins, and no node takes it before they are there. */
const nowhere = { "berth.dev/set": "is-being-applied" };

/**
 * Makes a set the one that nodes are to have. Its Plugins come first, named by a set that is not chosen, so that no
 * node runs them yet; what changes over is one write of one object. `exactly`: Plugins become what the content says,
 * and lose what an operator added; else they keep it, under its new name where `renamed` has one.
 */
export async function applySet(
  client: ApiClient,
  content: SetContent,
  options: { exactly: boolean; renamed?: RenamedKeys },
): Promise<Applied> {
  const sets = clientOf(client, resources.pluginSets);
  const plugins = clientOf(client, resources.plugins);
  const history = new SetHistory(client);
  const [{ items }, past] = await Promise.all([sets.list(), history.list()]);
  if (!items.some(({ metadata }) => metadata.name === content.name)) {
    await sets.create(setObject(content.name, { ...content.set, nodeSelector: nowhere }));
  }
  const written = await Promise.all(
    Object.entries(content.plugins).map(async ([name, spec]) => [
      name,
      await put(plugins, name, spec, { exactly: options.exactly, renamed: options.renamed?.[name] ?? [] }),
    ]),
  );
  const done: SetContent = { ...content, plugins: Object.fromEntries(written) as SetContent["plugins"] };
  const [first] = inPrecedence(items);
  const last = past.at(-1);
  const isThere = first?.metadata.name === content.name && first.spec.revision === last?.revision;
  if (last && isThere && isSame(last.content, done)) return { revision: last.revision, changed: false };
  const revision = 1 + Math.max(0, last?.revision ?? 0, ...items.map(({ spec }) => spec.revision ?? 0));
  await history.add(revision, done);
  await retryOnConflict(async () => {
    const set = await sets.get(content.name);
    await sets.update({ ...set, spec: { ...content.set, revision } });
  });
  return { revision, changed: true };
}

function setObject(name: string, spec: PluginSet["spec"]): PluginSet {
  return { apiVersion: "berth.dev/v1alpha1", kind: "PluginSet", metadata: { name }, spec };
}

/** Creates the Plugin, or brings the one that is there to the same spec. Resolves with the spec as it is kept. */
async function put(
  client: ResourceClient<Plugin>,
  name: string,
  spec: Plugin["spec"],
  { exactly, renamed }: { exactly: boolean; renamed: RenamedKeys[string] },
): Promise<Plugin["spec"]> {
  try {
    const plugin = { apiVersion: "berth.dev/v1alpha1", kind: "Plugin", metadata: { name }, spec } as const;
    return (await client.create(plugin)).spec;
  } catch (error) {
    if (!ApiError.is(error, "AlreadyExists")) throw error;
  }
  return retryOnConflict(async () => {
    const known = await client.get(name);
    const wanted = exactly ? spec : mergeSpec(known.spec, spec, renamed);
    return (await client.update({ ...known, spec: wanted })).spec;
  });
}

function isSame(a: SetContent, b: SetContent): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
}
