import type { PluginView } from "../contracts/plugin-host.ts";
import { overlappingRanges } from "./overlapping-ranges.ts";

export type SetVerdict = { outcome: "ready" } | { outcome: "waiting" | "failed"; reason: string };

/** States from which a plugin does not come to serve by itself. */
const hopeless: ReadonlySet<string> = new Set(["refused", "quarantined"]);
/** A plugin that was taken out of service on purpose, alone or with its node, keeps no set from coming into force. */
const settled: ReadonlySet<string> = new Set(["ready", "disabled", "stopped"]);

/** Whether the plugins of a set can take over on this node from those of another one. */
export function judgeSet(
  members: readonly string[],
  former: readonly string[],
  views: readonly PluginView[],
): SetVerdict {
  const byName = new Map(views.map((view) => [view.name, view]));
  const lost = members.map((name) => byName.get(name)).find((view) => view && hopeless.has(view.state));
  if (lost) return { outcome: "failed", reason: describe(lost) };
  const open = members.filter((name) => !settled.has(byName.get(name)?.state ?? ""));
  if (open.length > 0) {
    const reasons = open.map((name) => {
      const view = byName.get(name);
      return view ? describe(view) : `there is no Plugin ${name} for this node`;
    });
    return { outcome: "waiting", reason: reasons.join(", ") };
  }
  const replaced = former.filter((name) => !members.includes(name));
  const overlap = overlappingRanges(pick(byName, members), pick(byName, replaced));
  return overlap ? { outcome: "failed", reason: overlap } : { outcome: "ready" };
}

/** One that starts again and again is mostly seen between two ends: why it ended is what matters. */
function describe({ name, state, reason, lastCause }: PluginView): string {
  const told = reason === "" ? `${name} is ${state}` : `${name} is ${state} (${reason})`;
  const cause = lastCause?.message ?? "";
  return reason.includes(cause) ? told : `${told}, and before: ${cause}`;
}

function pick(byName: ReadonlyMap<string, PluginView>, names: readonly string[]): PluginView[] {
  return names.flatMap((name) => byName.get(name) ?? []);
}
