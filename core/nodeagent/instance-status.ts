import type { PluginInstance, PluginInstanceStatus } from "../api/index.ts";
import type { PluginView } from "../pluginhost/contracts/index.ts";

type Condition = NonNullable<PluginInstanceStatus["conditions"]>[number];

/** What the node writes about a plugin. Numbers that change with every call are for metrics, not for the API. */
export function instanceStatus(
  view: PluginView,
  former: PluginInstanceStatus | undefined,
  now: string,
): PluginInstanceStatus {
  const { state, reason, mode, simulated, unverified, version, contractVersions, incarnation } = view;
  return {
    state,
    mode,
    contractVersions: { ...contractVersions },
    incarnation,
    restarts: view.restarts,
    capabilities: [...view.capabilities],
    grants: view.grants.map((grant) => ({ ...grant })),
    isolation: view.isolation.map((measure) => ({ ...measure })),
    facts: { ...view.facts },
    observedGeneration: view.observedGeneration,
    conditions: [readyCondition(view, former, now), updatedCondition(view, former, now)],
    ...(view.code === undefined ? {} : { code: view.code }),
    ...(reason === "" ? {} : { reason }),
    ...(simulated ? { simulated } : {}),
    ...(unverified ? { unverified } : {}),
    ...(version === undefined ? {} : { version }),
    ...(view.pid === undefined ? {} : { pid: view.pid }),
    ...(view.startedAt === undefined ? {} : { startedAt: view.startedAt }),
    ...(view.lastCause === undefined ? {} : { lastCause: { ...view.lastCause } }),
  };
}

function readyCondition(view: PluginView, former: PluginInstanceStatus | undefined, now: string): Condition {
  const reason = view.state.slice(0, 1).toUpperCase() + view.state.slice(1);
  return condition("Ready", view.state === "ready", { reason, message: view.reason }, former, now);
}

/** Whether what runs is what the Plugin says: `kubectl wait --for=condition=Updated`. */
function updatedCondition(
  { updateFailure }: PluginView,
  former: PluginInstanceStatus | undefined,
  now: string,
): Condition {
  const words = {
    reason: updateFailure === undefined ? "Followed" : "UpdateFailed",
    message: updateFailure ?? "",
  };
  return condition("Updated", updateFailure === undefined, words, former, now);
}

function condition(
  type: string,
  holds: boolean,
  words: { reason: string; message: string },
  former: PluginInstanceStatus | undefined,
  now: string,
): Condition {
  const status = holds ? "True" : "False";
  const before = former?.conditions?.find((one) => one.type === type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  return { type, status, ...words, lastTransitionTime };
}

/** `<plugin>.<node>`. */
export function instanceName(plugin: string, node: string): string {
  return `${plugin}.${node}`;
}

export function newInstance(
  view: Pick<PluginView, "name" | "contract">,
  node: string,
  owner: { name: string; uid: string } | undefined,
): PluginInstance {
  return {
    apiVersion: "berth.dev/v1alpha1",
    kind: "PluginInstance",
    metadata: {
      name: instanceName(view.name, node),
      labels: { "berth.dev/plugin": view.name, "berth.dev/node": node },
      ...(owner ? { ownerReferences: [{ apiVersion: "berth.dev/v1alpha1", kind: "Plugin", ...owner }] } : {}),
    },
    spec: { plugin: view.name, nodeName: node, contract: view.contract },
  };
}
