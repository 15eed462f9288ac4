import type { PluginInstance } from "../../api/index.ts";
import { clientOf, resources } from "../../client/index.ts";
import type { PluginAccess } from "./plugin-access.ts";

/** done: as asked on every node. failed: it will not come; the message says why. going: neither yet. */
export type Progress = { readonly state: "done" | "going" | "failed"; readonly message: string };

/** Judges one instance after a change. */
export type Judge = (instance: PluginInstance) => Progress;

/** The definition of this generation is followed and the plugin is ready. */
export function isFollowed(generation: number): Judge {
  return ({ status }) => {
    if ((status?.observedGeneration ?? 0) < generation) return going(status?.reason);
    const updated = status?.conditions?.find(({ type }) => type === "Updated");
    if (updated?.status === "False") return { state: "failed", message: updated.message };
    return readiness(status);
  };
}

/** Another process than before serves. */
export function isRestarted(before: ReadonlyMap<string, number>): Judge {
  return ({ spec, status }) => {
    const updated = status?.conditions?.find(({ type }) => type === "Updated");
    if ((status?.incarnation ?? 0) > (before.get(spec.nodeName) ?? 0)) {
      if (updated?.status === "False") return { state: "failed", message: updated.message };
      return readiness(status);
    }
    return updated?.status === "False"
      ? { state: "failed", message: updated.message }
      : going(status?.reason);
  };
}

/** It was taken out of service and has no process any more. */
export const isDisabled: Judge = ({ status }) =>
  status?.state === "disabled" ? { state: "done", message: "" } : going(status?.reason);

function readiness(status: PluginInstance["status"]): Progress {
  if (status?.state === "ready") return { state: "done", message: "" };
  const isHopeless = status?.state === "quarantined" || status?.state === "refused";
  return { state: isHopeless ? "failed" : "going", message: status?.reason ?? "" };
}

function going(message = ""): Progress {
  return { state: "going", message };
}

/**
 * Follows the instances of a plugin until all are done, one has failed, or the time is over; tells every change on the
 * way. Answers what was still to be said against success, by node.
 */
export async function followChange(
  access: PluginAccess,
  plugin: string,
  judge: Judge,
  options: { timeoutMs: number; tell: (line: string) => void },
): Promise<{ outcome: "done" | "failed" | "timeout"; problems: Record<string, string> }> {
  const told = new Map<string, string>();
  const signal = AbortSignal.timeout(options.timeoutMs);
  for (;;) {
    const instances = await access.instances(plugin);
    const judged = instances.map((instance) => ({ instance, progress: judge(instance) }));
    for (const { instance } of judged) {
      const { state, reason } = instance.status ?? { state: "pending" };
      const line = `${instance.spec.nodeName}: ${state}${reason ? `: ${reason}` : ""}`;
      if (told.get(instance.spec.nodeName) !== line) options.tell(line);
      told.set(instance.spec.nodeName, line);
    }
    const open = judged.filter(({ progress }) => progress.state !== "done");
    const problems = Object.fromEntries(
      open.map(({ instance, progress }) => [instance.spec.nodeName, progress.message]),
    );
    if (open.some(({ progress }) => progress.state === "failed")) return { outcome: "failed", problems };
    if (instances.length > 0 && open.length === 0) return { outcome: "done", problems };
    if (signal.aborted) return { outcome: "timeout", problems };
    await nextChange(access, plugin, signal);
  }
}

/** Resolves with the next change of an instance of the plugin, or when the time is over. */
async function nextChange(access: PluginAccess, plugin: string, signal: AbortSignal): Promise<void> {
  const own = new AbortController();
  const labelSelector = `berth.dev/plugin=${plugin}`;
  const watch = { labelSelector, signal: AbortSignal.any([signal, own.signal, AbortSignal.timeout(1000)]) };
  try {
    for await (const { type } of clientOf(access.api, resources.pluginInstances).watch(watch))
      if (type !== "BOOKMARK" && type !== "ADDED") break;
  } finally {
    own.abort();
  }
}
