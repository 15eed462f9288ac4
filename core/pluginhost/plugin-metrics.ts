import { Gauge, type Registry } from "prom-client";
import type { PluginHost, PluginView } from "./contracts/plugin-host.ts";

/** Adds what a host knows about the calls to its plugins to a registry, read anew with each scrape. */
export function addPluginMetrics(
  registry: Registry,
  host: Pick<PluginHost, "instances">,
  node: string,
): void {
  const add = (name: string, help: string, value: (view: PluginView) => number | undefined): void => {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ["plugin", "node", "contract"] as const,
      registers: [registry],
      collect() {
        gauge.reset();
        for (const view of host.instances()) {
          const reading = value(view);
          if (reading !== undefined) gauge.set({ plugin: view.name, node, contract: view.contract }, reading);
        }
      },
    });
  };
  add("berth_plugin_calls_total", "Calls of the host to the plugin.", ({ calls }) => calls);
  add("berth_plugin_failed_calls_total", "Calls that did not end with OK.", ({ failedCalls }) => failedCalls);
  add("berth_plugin_call_p50_ms", "Median of the last 512 calls in milliseconds.", ({ p50Ms }) => p50Ms);
  add("berth_plugin_restarts_total", "Ends that nobody asked for.", ({ restarts }) => restarts);
  add("berth_plugin_ready", "1 when the plugin is ready.", ({ state }) => (state === "ready" ? 1 : 0));
}
