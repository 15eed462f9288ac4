import type { PluginSpec } from "./types.ts";

/** Former definitions of Plugins are ControllerRevisions of this namespace, with the plugin's name under this label. */
export const pluginRevisionNamespace = "kube-system";
export const pluginRevisionLabel = "berth.dev/plugin";

/** What of a definition is history. Taken out of service or not is a state of today, which no rollback changes. */
export function pluginRevisionData(spec: PluginSpec): { spec: Omit<PluginSpec, "disabled"> } {
  const { disabled: _, ...rest } = spec;
  return { spec: rest };
}
