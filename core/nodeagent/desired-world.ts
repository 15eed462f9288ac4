import type { Plugin, PluginSet } from "../api/index.ts";
import type { DesiredPlugin, DesiredWorld } from "../pluginhost/contracts/index.ts";

type Labels = Readonly<Record<string, string>>;

/** Something in the objects that cannot be followed, with the object to say it about. */
export interface WorldProblem {
  readonly about: PluginSet;
  readonly reason: string;
  readonly message: string;
}

/**
 * What the objects ask of one node. A Plugin that a set names runs where such a set applies; one that no set names runs
 * wherever its own selector says. Of several sets for one node the oldest gives the defaults.
 */
export function desiredWorld(
  plugins: readonly Plugin[],
  sets: readonly PluginSet[],
  nodeLabels: Labels,
): { world: DesiredWorld; problems: WorldProblem[] } {
  const applying = sets.filter((set) => selects(set.spec.nodeSelector, nodeLabels)).sort(byAge);
  const inSomeSet = new Set(sets.flatMap((set) => set.spec.plugins));
  const chosen = new Set(applying.flatMap((set) => set.spec.plugins));
  const wanted = plugins.filter((plugin) => {
    const name = plugin.metadata.name ?? "";
    if (plugin.metadata.deletionTimestamp || !selects(plugin.spec.nodeSelector, nodeLabels)) return false;
    return chosen.has(name) || !inSomeSet.has(name);
  });
  const [first] = applying;
  const { defaultRuntimeHandler, networkChain } = first?.spec ?? {};
  return {
    world: {
      plugins: wanted.map(toDesired),
      ...(defaultRuntimeHandler === undefined ? {} : { defaultRuntimeHandler }),
      ...(networkChain === undefined ? {} : { networkChain: [...networkChain] }),
    },
    problems: [...absentPlugins(applying, plugins), ...severalSets(applying)],
  };
}

function toDesired({ metadata, spec }: Plugin): DesiredPlugin {
  const { nodeSelector: _, ...rest } = spec;
  return { name: metadata.name ?? "", generation: metadata.generation ?? 0, spec: rest };
}

function selects(selector: Labels | undefined, labels: Labels): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

function byAge(a: PluginSet, b: PluginSet): number {
  const key = ({ metadata }: PluginSet): string =>
    `${metadata.creationTimestamp ?? ""} ${metadata.name ?? ""}`;
  return key(a) < key(b) ? -1 : 1;
}

function absentPlugins(sets: readonly PluginSet[], plugins: readonly Plugin[]): WorldProblem[] {
  const known = new Set(plugins.map(({ metadata }) => metadata.name));
  return sets.flatMap((set) =>
    set.spec.plugins
      .filter((name) => !known.has(name))
      .map((name) => ({
        about: set,
        reason: "PluginMissing",
        message: `spec.plugins names ${name}, but there is no Plugin of that name; create it or take the name out`,
      })),
  );
}

function severalSets(sets: readonly PluginSet[]): WorldProblem[] {
  const [first, ...others] = sets;
  return others.map((set) => ({
    about: set,
    reason: "DefaultsIgnored",
    message: `the defaults of this set do not apply on a node where the older set ${first?.metadata.name} applies too`,
  }));
}
