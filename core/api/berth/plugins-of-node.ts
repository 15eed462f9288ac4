import { inPrecedence } from "./set-precedence.ts";
import type { Plugin, PluginSet } from "./types.ts";

type Labels = Readonly<Record<string, string>>;

/** What the objects mean for one node. */
export interface PluginsOfNode {
  /** The one that decides: of several that select the node, the one applied last. */
  readonly set: PluginSet | undefined;
  /** Those that are to run there. */
  readonly wanted: readonly Plugin[];
  /** Those that could run there, but that the set leaves out. */
  readonly others: readonly Plugin[];
}

/**
 * A Plugin that a set names runs where that set is the one that decides, and one that no set names runs wherever its own
 * selector says.
 */
export function pluginsOfNode(
  plugins: readonly Plugin[],
  sets: readonly PluginSet[],
  nodeLabels: Labels,
): PluginsOfNode {
  const [set] = inPrecedence(sets.filter(({ spec }) => selects(spec.nodeSelector, nodeLabels)));
  const inSomeSet = new Set(sets.flatMap(({ spec }) => spec.plugins));
  const chosen = new Set(set?.spec.plugins);
  const eligible = plugins.filter(
    ({ metadata, spec }) => !metadata.deletionTimestamp && selects(spec.nodeSelector, nodeLabels),
  );
  const isWanted = ({ metadata: { name = "" } }: Plugin): boolean => chosen.has(name) || !inSomeSet.has(name);
  return {
    set,
    wanted: eligible.filter(isWanted),
    others: eligible.filter((plugin) => !isWanted(plugin)),
  };
}

/** The Secret with the login for a Plugin's package; undefined when it names none. */
export function pullSecretOf({ spec }: Plugin): { namespace: string; name: string } | undefined {
  return spec.source.oci?.pullSecret ?? spec.source.npm?.pullSecret;
}

function selects(selector: Labels | undefined, labels: Labels): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}
