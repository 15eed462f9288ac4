import type { PluginInstance, PluginSet, PluginSetStatus, SetOnNode } from "../api/index.ts";
import type { SetView } from "../pluginhost/contracts/index.ts";

type Condition = NonNullable<PluginSetStatus["conditions"]>[number];

/** What one node says about a set; undefined when the set is nothing to it. */
export function setOnNode(set: string, node: string, view: SetView): Omit<SetOnNode, "since"> | undefined {
  const { inForce, preparing, failed } = view;
  if (preparing?.name === set)
    return { node, state: "Preparing", revision: preparing.revision, message: preparing.reason };
  if (failed?.name === set)
    return { node, state: "Failed", revision: failed.revision, message: failed.reason };
  if (inForce?.name === set) return { node, state: "InForce", revision: inForce.revision };
  return undefined;
}

/** Status of a PluginSet: what this node has to say, beside what others said, and what follows from all of it. */
export function setSummary(
  set: PluginSet,
  own: { readonly node: string; readonly said: Omit<SetOnNode, "since"> | undefined },
  instances: readonly PluginInstance[],
  now: string,
): PluginSetStatus {
  const before = set.status?.onNodes ?? [];
  const others = before.filter(({ node }) => node !== own.node);
  const onNodes = own.said
    ? [...others, dated(own.said, before, now)].sort((a, b) => (a.node < b.node ? -1 : 1))
    : others;
  const served = onNodes.filter(({ state }) => state === "InForce").map(({ node }) => node);
  const missing = served.flatMap((node) => notReadyOn(node, set, instances));
  const ready = served.filter((node) => notReadyOn(node, set, instances).length === 0);
  const condition = conditionMaker(set, now);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    nodes: onNodes.length,
    ready: ready.length,
    onNodes,
    conditions: [
      condition("InForce", ...inForce(onNodes)),
      served.length === 0
        ? condition("Ready", "NoNode", "")
        : missing.length > 0
          ? condition("Ready", "MembersNotReady", `not ready: ${missing.join(", ")}`)
          : condition("Ready", "Ready", ""),
    ],
  };
}

function dated(said: Omit<SetOnNode, "since">, before: readonly SetOnNode[], now: string): SetOnNode {
  const former = before.find(({ node }) => node === said.node);
  const isSame = former?.state === said.state && former.revision === said.revision;
  return { ...said, since: isSame ? former.since : now };
}

/** "cni-bridge on node one" for each member that is not ready there. */
function notReadyOn(node: string, set: PluginSet, instances: readonly PluginInstance[]): string[] {
  const ready = new Set(
    instances
      .filter(({ spec, status }) => spec.nodeName === node && status?.state === "ready")
      .map(({ spec }) => spec.plugin),
  );
  return set.spec.plugins.filter((member) => !ready.has(member)).map((member) => `${member} on node ${node}`);
}

function inForce(onNodes: readonly SetOnNode[]): [reason: string, message: string] {
  const failed = onNodes.find(({ state }) => state === "Failed");
  if (failed) return ["SwitchFailed", `on node ${failed.node}: ${failed.message}`];
  const preparing = onNodes.find(({ state }) => state === "Preparing");
  if (preparing) return ["Preparing", `on node ${preparing.node}: ${preparing.message}`];
  return onNodes.length > 0 ? ["InForce", ""] : ["NotChosen", "no node has it in force"];
}

/** Reasons that say that all is well. */
const good: ReadonlySet<string> = new Set(["InForce", "Ready"]);

function conditionMaker(set: PluginSet, now: string) {
  return (type: string, reason: string, message: string): Condition => {
    const status = good.has(reason) ? "True" : "False";
    const former = set.status?.conditions?.find((one) => one.type === type);
    return {
      type,
      status,
      reason,
      message,
      lastTransitionTime: former?.status === status ? former.lastTransitionTime : now,
      observedGeneration: set.metadata.generation ?? 0,
    };
  };
}
