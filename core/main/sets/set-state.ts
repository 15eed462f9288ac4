import { inPrecedence, type Plugin, type PluginSet } from "../../api/index.ts";
import { type ApiClient, clientOf, resources } from "../../client/index.ts";
import { shippedSets } from "../serve/plugin-sets.ts";
import type { SetContent } from "./set-content.ts";

export interface ListedSet {
  readonly name: string;
  /** "in force", "preparing", "failed"; "shipped" for one that was never applied. */
  readonly state: string;
  readonly revision: number | undefined;
  readonly reason: string | undefined;
  readonly set: SetContent["set"];
}

/** Sets of the cluster, the one applied last first, then those that ship and were never applied. */
export async function listSets(client: ApiClient): Promise<ListedSet[]> {
  const { items } = await clientOf(client, resources.pluginSets).list();
  const applied = inPrecedence(items).map((set) => {
    const { revision, ...spec } = set.spec;
    return { name: set.metadata.name ?? "", ...stateOf(set), revision, set: spec };
  });
  const shipped = Object.entries(shippedSets)
    .filter(([name]) => !applied.some((one) => one.name === name))
    .map(([name, { plugins, set }]) => ({
      name,
      state: "shipped",
      reason: undefined,
      revision: undefined,
      set: { plugins: Object.keys(plugins), ...set },
    }));
  return [...applied, ...shipped];
}

const words: Readonly<Record<string, string>> = {
  InForce: "in force",
  Preparing: "preparing",
  SwitchFailed: "failed",
};

function stateOf({ status }: PluginSet): { state: string; reason: string | undefined } {
  const condition = status?.conditions?.find(({ type }) => type === "InForce");
  const state = words[condition?.reason ?? ""];
  return { state: state ?? "", reason: state === undefined ? undefined : condition?.message };
}

/** The set that nodes are asked to have, with its plugins; undefined before any was applied. */
export async function currentContent(client: ApiClient): Promise<SetContent | undefined> {
  const { items } = await clientOf(client, resources.pluginSets).list();
  const [set] = inPrecedence(items);
  if (!set) return undefined;
  const { revision: _, ...spec } = set.spec;
  const known = await presentPlugins(client);
  const own = Object.entries(known).filter(([name]) => spec.plugins.includes(name));
  return { name: set.metadata.name ?? "", set: spec, plugins: Object.fromEntries(own) };
}

export async function presentPlugins(client: ApiClient): Promise<Record<string, Plugin["spec"]>> {
  const { items } = await clientOf(client, resources.plugins).list();
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name ?? "", spec]));
}
