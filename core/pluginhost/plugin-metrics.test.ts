import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import type { PluginView } from "./contracts/plugin-host.ts";
import { addPluginMetrics } from "./plugin-metrics.ts";

describe("plugin metrics", () => {
  it("are those of the plugins that are there at the time of a scrape", async () => {
    const view = {
      name: "a",
      contract: "csi",
      state: "ready",
      calls: 3,
      failedCalls: 1,
      p50Ms: 0.5,
      restarts: 0,
    };
    let views = [view as unknown as PluginView];
    const registry = new Registry();
    addPluginMetrics(registry, { instances: () => views }, "one");
    const labels = '{plugin="a",node="one",contract="csi"}';
    const text = await registry.metrics();
    expect(text).toContain(`berth_plugin_calls_total${labels} 3`);
    expect(text).toContain(`berth_plugin_call_p50_ms${labels} 0.5`);
    expect(text).toContain(`berth_plugin_ready${labels} 1`);
    views = [];
    expect(await registry.metrics()).not.toContain('plugin="a"');
  });
});
