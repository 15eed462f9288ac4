import { type ApiClient, clientOf, resources, waitFor } from "../../client/index.ts";
import type { PluginSet } from "../../api/index.ts";

export type SetOutcome = { ok: true; nodes: string[] } | { ok: false; reason: string };

/**
 * Resolves once every node that a revision concerns has it in force, or one of them has given it up. `note` is told
 * what it waits for.
 */
export async function waitForSet(
  client: ApiClient,
  name: string,
  revision: number,
  options: { timeoutMs: number; note: (text: string) => void },
): Promise<SetOutcome> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  let said = "";
  const look = (set: PluginSet | undefined): SetOutcome | undefined => {
    const onNodes = set?.status?.onNodes?.filter((one) => one.revision === revision) ?? [];
    const failed = onNodes.find(({ state }) => state === "Failed");
    if (failed) return { ok: false, reason: `on node ${failed.node}: ${failed.message}` };
    const waiting = onNodes.find(({ state }) => state === "Preparing");
    if (waiting?.message && waiting.message !== said) options.note(`${waiting.node}: ${waiting.message}`);
    said = waiting?.message ?? said;
    if (onNodes.length === 0 || waiting) return undefined;
    return { ok: true, nodes: onNodes.map(({ node }) => node) };
  };
  try {
    const sets = clientOf(client, resources.pluginSets);
    const set = await waitFor(sets, name, (object) => look(object) !== undefined, { signal });
    return look(set) ?? { ok: false, reason: "the set was deleted" };
  } catch (error) {
    if (!signal.aborted) throw error;
    const seconds = options.timeoutMs / 1000;
    return { ok: false, reason: `after ${seconds} s: ${said || "no node has said anything"}` };
  }
}
