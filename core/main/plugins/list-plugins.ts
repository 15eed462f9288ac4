import type { Plugin, PluginInstance } from "../../api/index.ts";

export interface PluginRow {
  readonly name: string;
  readonly contract: string;
  readonly node: string | undefined;
  readonly state: string;
  readonly version: string | undefined;
  readonly pid: number | undefined;
  readonly restarts: number | undefined;
  readonly reason: string;
}

/** One row for each plugin and node; a Plugin that no node has yet gets one too. */
export function pluginRows(plugins: readonly Plugin[], instances: readonly PluginInstance[]): PluginRow[] {
  const known = new Set(instances.map(({ spec }) => spec.plugin));
  const rows = [
    ...instances.map(rowOf),
    ...plugins
      .filter(({ metadata }) => !known.has(metadata.name ?? ""))
      .map(({ metadata, spec }) => ({
        name: metadata.name ?? "",
        contract: spec.contract,
        node: undefined,
        state: "pending",
        version: spec.version,
        pid: undefined,
        restarts: undefined,
        reason: "no node runs it: see spec.nodeSelector, and the PluginSets that name it",
      })),
  ];
  return rows.toSorted((a, b) => `${a.name} ${a.node}`.localeCompare(`${b.name} ${b.node}`));
}

function rowOf({ spec, status }: PluginInstance): PluginRow {
  const marks = [status?.simulated && "simulated", status?.unverified && "unverified"].filter(Boolean);
  return {
    name: spec.plugin,
    contract: spec.contract,
    node: spec.nodeName,
    state: [status?.state ?? "pending", ...marks].join(","),
    version: status?.version,
    pid: status?.pid,
    restarts: status?.restarts ?? 0,
    reason: status?.reason ?? "",
  };
}

export const pluginColumns = [
  "name",
  "contract",
  "node",
  "state",
  "version",
  "pid",
  "restarts",
  "reason",
] as const;
