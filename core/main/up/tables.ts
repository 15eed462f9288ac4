import type { Pod } from "../../api/index.ts";
import type { PluginInstance } from "../../api/berth/types.ts";
import { renderTable } from "../../cli/render-table.ts";
import type { PluginCalls } from "./plugin-calls.ts";

export function pluginTable(
  instances: readonly PluginInstance[],
  calls: ReadonlyMap<string, PluginCalls>,
  width: number,
): string {
  const rows = instances.map(({ spec, status }) => [
    status?.simulated ? `${spec.plugin} (simulated)` : spec.plugin,
    spec.contract,
    status?.version,
    status?.state,
    status?.pid,
    status?.startedAt,
    calls.get(spec.plugin)?.count ?? 0,
    formatMs(calls.get(spec.plugin)?.p50Ms),
  ]);
  return renderTable(
    ["plugin", "contract", "version", "state", "pid", "started", "calls", "p50"],
    rows,
    width,
  );
}

export function podTable(pods: readonly Pod[], width: number): string {
  const rows = pods.map(({ metadata, spec, status }) => {
    const containers = status?.containerStatuses ?? [];
    return [
      metadata?.name,
      `${containers.filter((container) => container.ready).length}/${spec?.containers.length ?? 0}`,
      status?.phase,
      status?.podIP,
      spec?.runtimeClassName,
    ];
  });
  return renderTable(["pod", "ready", "status", "ip", "runtime class"], rows, width);
}

function formatMs(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}
