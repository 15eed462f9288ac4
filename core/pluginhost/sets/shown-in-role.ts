import type { PluginView } from "../contracts/plugin-host.ts";
import type { PresentPlugin } from "./set-keeper.ts";

/** A plugin as the node shows it while its set is coming or going. `left` is what keeps one that leaves. */
export function shownInRole(view: PluginView, role: PresentPlugin["role"], left: string): PluginView {
  if (role === "serving") return view;
  if (role === "preparing") {
    const reason = view.state === "ready" ? "it is ready; its set is not in force yet" : view.reason;
    return { ...view, reason, capabilities: [] };
  }
  // Volumes are used again and again by pods that come later; the driver that made them is the only one that can.
  const capabilities = view.capabilities.filter((name) => name.startsWith("csi:"));
  const since = view.state === "ready" ? "" : `; it is ${view.state}${view.reason && ` (${view.reason})`}`;
  const reason = `its set was replaced, it serves what it made until that is gone: ${left}${since}`;
  return { ...view, state: "draining", reason, capabilities };
}
