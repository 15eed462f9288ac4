import { inPrecedence, type Plugin, type PluginSet, restartAnnotation } from "../api/index.ts";
import type { DesiredPlugin, DesiredWorld } from "../pluginhost/contracts/index.ts";

type Labels = Readonly<Record<string, string>>;

/** Something in the objects that cannot be followed, with the object to say it about. */
export interface WorldProblem {
  readonly about: PluginSet;
  readonly reason: string;
  readonly message: string;
}

/**
 * What the objects ask of one node. Of several sets that select it, the one applied last decides; a Plugin that a set
 * names runs where that set is the one, and one that no set names runs wherever its own selector says.
 */
export function desiredWorld(
  plugins: readonly Plugin[],
  sets: readonly PluginSet[],
  nodeLabels: Labels,
): { world: DesiredWorld; problems: WorldProblem[] } {
  const [set] = inPrecedence(sets.filter(({ spec }) => selects(spec.nodeSelector, nodeLabels)));
  const inSomeSet = new Set(sets.flatMap(({ spec }) => spec.plugins));
  const chosen = new Set(set?.spec.plugins);
  const eligible = plugins.filter(
    ({ metadata, spec }) => !metadata.deletionTimestamp && selects(spec.nodeSelector, nodeLabels),
  );
  const isWanted = ({ metadata: { name = "" } }: Plugin): boolean => chosen.has(name) || !inSomeSet.has(name);
  const elsewhere = new Set(
    plugins.filter((plugin) => !eligible.includes(plugin)).map(({ metadata }) => metadata.name),
  );
  const { defaultRuntimeHandler, networkChain } = set?.spec ?? {};
  return {
    world: {
      plugins: eligible.filter(isWanted).map(toDesired),
      others: eligible.filter((plugin) => !isWanted(plugin)).map(toDesired),
      ...(set && {
        set: {
          name: set.metadata.name ?? "",
          revision: set.spec.revision ?? 0,
          plugins: set.spec.plugins.filter((name) => !elsewhere.has(name)),
        },
      }),
      ...(defaultRuntimeHandler === undefined ? {} : { defaultRuntimeHandler }),
      ...(networkChain === undefined ? {} : { networkChain: [...networkChain] }),
    },
    problems: set ? absentPlugins(set, plugins) : [],
  };
}

function toDesired({ metadata, spec }: Plugin): DesiredPlugin {
  const { nodeSelector: _, ...rest } = spec;
  const restartedAt = metadata.annotations?.[restartAnnotation];
  return {
    name: metadata.name ?? "",
    generation: metadata.generation ?? 0,
    spec: rest,
    ...(restartedAt === undefined ? {} : { restartedAt }),
  };
}

function selects(selector: Labels | undefined, labels: Labels): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}

function absentPlugins(set: PluginSet, plugins: readonly Plugin[]): WorldProblem[] {
  const known = new Set(plugins.map(({ metadata }) => metadata.name));
  return set.spec.plugins
    .filter((name) => !known.has(name))
    .map((name) => ({
      about: set,
      reason: "PluginMissing",
      message: `spec.plugins names ${name}, but there is no Plugin of that name; create it or take the name out`,
    }));
}
