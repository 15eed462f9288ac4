import type { PluginInstance } from "../../api/index.ts";

/** How many containers a plugin keeps: one a configuration, two while one takes over from another. */
export interface PluginContainers {
  readonly plugin: string;
  readonly live: number;
  readonly disposed: number;
}

export function pluginContainersOf({ spec, status }: PluginInstance): PluginContainers {
  const count = (name: string): number => Number(status?.facts?.[`configurations.${name}`] ?? 0);
  return { plugin: spec.plugin, live: count("live"), disposed: count("disposed") };
}
