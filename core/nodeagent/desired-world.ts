import { type Plugin, type PluginSet, pluginsOfNode, restartAnnotation } from "../api/index.ts";
import type { DesiredPlugin, DesiredWorld } from "../pluginhost/contracts/index.ts";

type Labels = Readonly<Record<string, string>>;

/** Something in the objects that cannot be followed, with the object to say it about. */
export interface WorldProblem {
  readonly about: PluginSet;
  readonly reason: string;
  readonly message: string;
}

/** What the objects ask of one node, in the host's terms. */
export function desiredWorld(
  plugins: readonly Plugin[],
  sets: readonly PluginSet[],
  nodeLabels: Labels,
): { world: DesiredWorld; problems: WorldProblem[] } {
  const { set, wanted, others } = pluginsOfNode(plugins, sets, nodeLabels);
  const here = new Set([...wanted, ...others]);
  const elsewhere = new Set(
    plugins.filter((plugin) => !here.has(plugin)).map(({ metadata }) => metadata.name),
  );
  const { defaultRuntimeHandler, networkChain } = set?.spec ?? {};
  return {
    world: {
      plugins: wanted.map(toDesired),
      others: others.map(toDesired),
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
