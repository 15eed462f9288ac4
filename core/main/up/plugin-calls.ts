/** What the core's metrics say about the calls to one plugin. */
export interface PluginCalls {
  readonly count: number;
  readonly p50Ms: number | undefined;
}

/** Reads `berth_plugin_calls_total` and `berth_plugin_call_p50_ms` from Prometheus' text form, by plugin. */
export function readPluginCalls(metrics: string): Map<string, PluginCalls> {
  const counts = new Map<string, number>();
  const medians = new Map<string, number>();
  for (const line of metrics.split("\n")) {
    const match = /^(berth_plugin_calls_total|berth_plugin_call_p50_ms)\{([^}]*)\}\s+(\S+)/.exec(line);
    const plugin = /plugin="([^"]*)"/.exec(match?.[2] ?? "")?.[1];
    if (!match || plugin === undefined) continue;
    if (match[1] === "berth_plugin_calls_total")
      counts.set(plugin, (counts.get(plugin) ?? 0) + Number(match[3]));
    else medians.set(plugin, Number(match[3]));
  }
  return new Map([...counts].map(([plugin, count]) => [plugin, { count, p50Ms: medians.get(plugin) }]));
}
