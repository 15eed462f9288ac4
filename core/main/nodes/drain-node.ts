import { BerthError } from "@berth/base";
import { drainedAnnotation, type Node, type Pod } from "../../api/index.ts";
import { type ApiClient, ApiError, clientOf, resources, waitFor } from "../../client/index.ts";
import { contractsOf, type DrainChoice, judgePod, podTitle, type PodVerdict } from "./choose-pods.ts";
import { followDeafPlugins } from "./deaf-plugins.ts";
import { evictPods } from "./evict-pods.ts";
import { followPlugins, type PluginOnNode } from "./follow-plugins.ts";

export const noSuchNode = BerthError.define({
  code: "BERTH_NO_SUCH_NODE",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "List the nodes with `berth node ls`.",
});

const drainRefused = BerthError.define({
  code: "BERTH_NODE_DRAIN_REFUSED",
  grpc: "FAILED_PRECONDITION",
  http: 409,
  owner: "operator",
  next: "Decide about each pod that is named and run it again with the option that is named beside it; the node takes no new pods meanwhile, `berth node undrain` takes that back.",
});

export interface DrainOptions extends DrainChoice {
  readonly podSelector?: string;
  readonly graceSeconds?: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

/** What has come of the drain of one node so far. */
export interface DrainReport {
  readonly node: string;
  readonly pods: {
    name: string;
    state: "evict" | "evicting" | "waiting" | "stuck" | "gone" | "keep";
    reason: string;
  }[];
  readonly plugins: PluginOnNode[];
  /** Everything is done that was asked for. */
  isDone: boolean;
}

/**
 * Takes nodes out of service, all at once and each in order: no new pods on any, then its pods go with their volumes and
 * network, then the plugins that served them. Nothing is evicted anywhere while a pod of one of them forbids it. Each step
 * starts from what is there, so that a second run goes on where the first one ended; `reports` are filled on the way.
 * Rejects with BERTH_NO_SUCH_NODE, BERTH_NODE_DRAIN_REFUSED, or the signal's reason.
 */
export async function drainNodes(
  api: ApiClient,
  reports: readonly DrainReport[],
  options: DrainOptions,
): Promise<void> {
  const { dryRun, tell, signal } = options;
  const client = clientOf(api, resources.nodes);
  for (const node of await Promise.all(reports.map((report) => findNode(api, report.node)))) {
    const { name } = node.metadata;
    tellSilence(node, tell);
    if (!node.spec?.unschedulable && !dryRun)
      await client.patch(name, "merge", { spec: { unschedulable: true } }, { signal, fieldManager: "berth" });
    tell(`node ${name}: takes no new pods`);
  }
  refuse((await Promise.all(reports.map(({ node }) => judgeAll(api, node, options)))).flat());
  const ends = await Promise.allSettled(
    reports.map((report) => {
      const isOwn = (line: string): boolean => line.startsWith("node ") || reports.length === 1;
      return drainNode(api, report, {
        ...options,
        tell: (line) => tell(isOwn(line) ? line : `node ${report.node}: ${line}`),
      });
    }),
  );
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}

async function drainNode(api: ApiClient, report: DrainReport, options: DrainOptions): Promise<void> {
  const { node: name, pods } = report;
  const { dryRun, tell, signal } = options;
  await using deaf = await followDeafPlugins(api, name, signal);
  const note = (pod: Pod, state: DrainReport["pods"][number]["state"], reason: string): void => {
    const title = podTitle(pod);
    const at = pods.findIndex((one) => one.name === title);
    pods.splice(at < 0 ? pods.length : at, at < 0 ? 0 : 1, { name: title, state, reason });
    tell(`pod ${title}: ${words[state]}${reason && `: ${reason}`}`);
  };
  const staying = new Map<string, Pod>();
  for (let first = true; ; first = false) {
    const judged = await judgeAll(api, name, options);
    refuse(judged);
    for (const { pod, verdict, reason } of judged) {
      if (verdict === "keep" && !staying.has(podTitle(pod))) note(pod, "keep", reason);
      if (verdict === "keep") staying.set(podTitle(pod), pod);
      else {
        const reasons = [reason, dryRun ? (deaf.whyStuck(pod) ?? "") : ""].filter((one) => one !== "");
        if (dryRun || reasons.length > 0) note(pod, "evict", reasons.join("; "));
      }
    }
    const leaving = judged.filter(({ verdict }) => verdict === "evict").map(({ pod }) => pod);
    if (dryRun || leaving.length === 0) break;
    // Pods that were bound to the node before it was unschedulable may come to light only now.
    if (!first) tell(`node ${name}: ${leaving.length} more pods`);
    await evictPods(api, leaving, { ...options, deaf, tell: note });
    if (pods.some(({ state }) => state === "stuck")) return;
  }
  report.isDone = dryRun;
  if (dryRun) return;
  await untilDetached(api, name, options);
  tell(`node ${name}: pods are gone, their volumes and network too`);
  await markDrained(api, name);
  const served = new Set([...staying.values()].flatMap(contractsOf));
  const { plugins } = await followPlugins(
    api,
    name,
    ({ spec, status }) => {
      const { state = "" } = status ?? {};
      if (["stopped", "disabled", "refused"].includes(state)) return "done";
      // It serves what stays, takes nothing new, and stops by itself when that goes.
      return state === "draining" && served.has(spec.contract) ? "done" : "going";
    },
    {
      signal,
      tell: (plugin) => {
        const at = report.plugins.findIndex((one) => one.name === plugin.name);
        report.plugins.splice(at < 0 ? report.plugins.length : at, at < 0 ? 0 : 1, plugin);
        tell(`plugin ${plugin.name}: ${plugin.state}${plugin.reason && `: ${plugin.reason}`}`);
      },
    },
  );
  report.plugins.splice(0, Infinity, ...plugins);
  report.isDone = true;
}

const words = {
  evict: "to be evicted",
  evicting: "evicted, is ending",
  waiting: "waits to be evicted",
  stuck: "evicted, cannot end",
  gone: "gone",
  keep: "stays",
};

/** Throws BERTH_NO_SUCH_NODE. */
export async function findNode(api: ApiClient, name: string): Promise<Node> {
  try {
    return await clientOf(api, resources.nodes).get(name);
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
    throw new BerthError(noSuchNode, `there is no node ${name}`);
  }
}

function tellSilence({ metadata, status }: Node, tell: (line: string) => void): void {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "Unknown")
    tell(
      `node ${metadata?.name}: is silent since ${ready.lastHeartbeatTime}; nothing can end there before it is back`,
    );
}

async function judgeAll(api: ApiClient, node: string, options: DrainOptions): Promise<PodVerdict[]> {
  const client = clientOf(api, resources.pods);
  const scope = { fieldSelector: `spec.nodeName=${node}`, signal: options.signal };
  const { items } = await client.list(scope);
  const { podSelector } = options;
  if (podSelector === undefined) return items.map((pod) => judgePod(pod, options));
  const chosen = await client.list({ ...scope, labelSelector: podSelector });
  const uids = new Set(chosen.items.map(({ metadata }) => metadata.uid));
  return items.map((pod) =>
    uids.has(pod.metadata.uid)
      ? judgePod(pod, options)
      : { pod, verdict: "keep", reason: "--pod-selector does not name it" },
  );
}

function refuse(judged: readonly PodVerdict[]): void {
  const refused = judged.filter(({ verdict }) => verdict === "refuse");
  if (refused.length === 0) return;
  const lines = refused.map(({ pod, reason }) => `\n  ${podTitle(pod)}: ${reason}`);
  throw new BerthError(drainRefused, `nothing was evicted, for these pods forbid it:${lines.join("")}`);
}

async function untilDetached(api: ApiClient, node: string, { signal, tell }: DrainOptions): Promise<void> {
  const client = clientOf(api, resources.volumeAttachments);
  const { items } = await client.list({ signal });
  const own = items.filter(({ spec }) => spec.nodeName === node);
  if (own.length > 0) tell(`node ${node}: ${own.length} volumes are being detached`);
  await Promise.all(
    own.map(({ metadata }) => waitFor(client, metadata.name ?? "", (one) => one === undefined, { signal })),
  );
}

/** Both at once: as one, so that nobody sees the mark on a node that somebody has made schedulable meanwhile. */
async function markDrained(api: ApiClient, name: string): Promise<void> {
  const node = await findNode(api, name);
  if (node.metadata?.annotations?.[drainedAnnotation] !== undefined && node.spec?.unschedulable) return;
  const change = {
    metadata: { annotations: { [drainedAnnotation]: new Date().toISOString() } },
    spec: { unschedulable: true },
  };
  await clientOf(api, resources.nodes).patch(name, "merge", change, { fieldManager: "berth" });
}
