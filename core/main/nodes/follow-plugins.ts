import type { PluginInstance } from "../../api/index.ts";
import { type ApiClient, ApiError, clientOf, resources } from "../../client/index.ts";

export interface PluginOnNode {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
}

/** done: as wanted. failed: it will not come by itself. going: neither yet. */
export type PluginJudge = (instance: PluginInstance) => "done" | "going" | "failed";

/**
 * Follows the plugins of one node until all are as wanted, or one will not be; tells every change on the way.
 * @throws the signal's reason when it aborts first
 */
export async function followPlugins(
  api: ApiClient,
  node: string,
  judge: PluginJudge,
  options: { signal: AbortSignal; tell: (plugin: PluginOnNode) => void },
): Promise<{ outcome: "done" | "failed"; plugins: PluginOnNode[] }> {
  const client = clientOf(api, resources.pluginInstances);
  const told = new Map<string, string>();
  const look = (instances: readonly PluginInstance[]) => {
    const plugins = instances.map(shown);
    for (const plugin of plugins) {
      const words = JSON.stringify(plugin);
      if (told.get(plugin.name) !== words) options.tell(plugin);
      told.set(plugin.name, words);
    }
    const verdicts = instances.map(judge);
    if (verdicts.includes("failed")) return { outcome: "failed" as const, plugins };
    return verdicts.includes("going") ? undefined : { outcome: "done" as const, plugins };
  };
  for (;;) {
    const scope = { labelSelector: `berth.dev/node=${node}`, signal: options.signal };
    const { items, resourceVersion } = await client.list(scope);
    const known = new Map(items.map((item) => [item.metadata.name, item]));
    const now = look([...known.values()]);
    if (now) return now;
    try {
      for await (const event of client.watch({ ...scope, resourceVersion })) {
        if (event.type === "BOOKMARK") continue;
        if (event.type === "DELETED") known.delete(event.object.metadata.name);
        else known.set(event.object.metadata.name, event.object);
        const then = look([...known.values()]);
        if (then) return then;
      }
    } catch (error) {
      if (!ApiError.is(error, "Expired")) throw error;
    }
    options.signal.throwIfAborted();
  }
}

function shown({ spec, status }: PluginInstance): PluginOnNode {
  return { name: spec.plugin, state: status?.state ?? "pending", reason: status?.reason ?? "" };
}
