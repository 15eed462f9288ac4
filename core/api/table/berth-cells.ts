import type { Plugin, PluginInstance, PluginSet, PluginStatus } from "../berth/types.ts";
import { type Cells, cellsOf, countOf, joined } from "./cell.ts";

const readyCount = (status: PluginStatus | undefined): string =>
  `${status?.ready ?? 0}/${status?.nodes ?? 0}`;

function pluginState({ spec, status }: Plugin): string {
  if (spec.disabled) return "disabled";
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (!ready) return "pending";
  return ready.status === "True" ? "ready" : ready.reason;
}

function sourceText({ source, dev }: Plugin["spec"]): string {
  const where =
    source.path ??
    source.executable?.path ??
    (source.npm ? `npm:${source.npm.package}` : undefined) ??
    source.oci?.reference ??
    source.endpoint;
  return `${where ?? "<none>"}${dev ? " (dev)" : ""}`;
}

function instanceState({ status }: PluginInstance): string {
  const marks = [status?.simulated && "simulated", status?.unverified && "unverified"].filter(Boolean);
  return [status?.state ?? "pending", ...marks].join(",");
}

function setState({ status }: PluginSet): string {
  return status?.conditions?.find(({ type }) => type === "InForce")?.reason ?? "pending";
}

export const berthCells: Readonly<Record<string, Cells>> = {
  "berth.v1alpha1.Plugin": cellsOf<Plugin>({
    Contract: "spec.contract",
    Version: "spec.version",
    Ready: ({ status }) => readyCount(status),
    State: pluginState,
    Source: ({ spec }) => sourceText(spec),
    Digest: ({ spec }) => spec.digest?.slice(0, 19) ?? "<none>",
    Grants: ({ spec }) => joined(spec.grants),
  }),
  "berth.v1alpha1.PluginSet": cellsOf<PluginSet>({
    State: setState,
    Revision: ({ spec }) => spec.revision ?? 0,
    Plugins: ({ spec }) => countOf(spec.plugins),
    Ready: ({ status }) => readyCount(status),
    Runtime: "spec.defaultRuntimeHandler",
    Network: ({ spec }) => joined(spec.networkChain),
    StorageClass: "spec.defaultStorageClass",
    Members: ({ spec }) => joined(spec.plugins),
  }),
  "berth.v1alpha1.PluginInstance": cellsOf<PluginInstance>({
    Contract: "spec.contract",
    Node: "spec.nodeName",
    State: instanceState,
    Version: "status.version",
    PID: ({ status }) => String(status?.pid ?? "<none>"),
    Restarts: ({ status }) => status?.restarts ?? 0,
    Reason: ({ status }) => status?.reason ?? "",
    Mode: "status.mode",
    Capabilities: ({ status }) => joined(status?.capabilities, 3),
    "Last-Cause": ({ status }) => status?.lastCause?.message ?? "<none>",
  }),
};
