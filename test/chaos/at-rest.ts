import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pod } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources } from "../../core/client/index.ts";
import { mentioning, type Item } from "../../tools/leak-count/snapshot.ts";
import { takeSnapshot } from "../../tools/leak-count/take-snapshot.ts";
import type { ChaosNode } from "./chaos-node.ts";
import { plugins } from "./schedule.ts";
import { isReady, urlOf, type Workload } from "./workload.ts";

const patienceMs = 180_000;
/** Of connections that come and go with the moment: watches, keep-alive, log files. */
const descriptorSlack = 6;

/** What a pod must still be after everything that was done to core and plugins. */
export interface PodIdentity {
  readonly uid: string;
  readonly containers: readonly string[];
}

/** The node in a moment of rest: what is on the machine, and who has how many descriptors. */
export interface Rest {
  readonly items: readonly Item[];
  readonly descriptors: ReadonlyMap<string, number>;
}

export function identityOf(pod: Pod): PodIdentity {
  const statuses = pod.status?.containerStatuses ?? [];
  return { uid: pod.metadata.uid ?? "", containers: statuses.map(({ containerID }) => containerID ?? "") };
}

/** What is not as it should be, one sentence each; waits until it is, but not for ever. */
export async function untilSettled(client: ApiClient, workload: Workload): Promise<string[]> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const wrong = await whatIsWrong(client, workload).catch((error: Error) => [`the API: ${error.message}`]);
    if (wrong.length === 0 || performance.now() > end) return wrong;
    await sleep(250);
  }
}

async function whatIsWrong(client: ApiClient, workload: Workload): Promise<string[]> {
  const [pods, instances, nodes] = await Promise.all([
    workload.list(),
    clientOf(client, resources.pluginInstances).list(),
    clientOf(client, resources.nodes).list(),
  ]);
  const byName = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  return [
    ...[...workload.wanted].flatMap((name) => {
      const pod = byName.get(name);
      if (!pod) return [`pod ${name} is not there`];
      return isReady(pod)
        ? []
        : [
            `pod ${name} is not Ready: ${JSON.stringify(pod.status?.containerStatuses?.[0]?.state ?? pod.status)}`,
          ];
    }),
    ...pods
      .filter(({ metadata }) => !workload.wanted.has(metadata.name))
      .map(({ metadata }) => `pod ${metadata.name} is still there`),
    ...instances.items
      .filter(({ status }) => status?.state !== "ready")
      .map(({ spec, status }) => `plugin ${spec.plugin} is ${status?.state}: ${status?.reason}`),
    ...(instances.items.length === plugins.length
      ? []
      : [`${instances.items.length} plugins of ${plugins.length}`]),
    ...nodes.items
      .filter((node) => !isReady(node as Pod))
      .map(({ metadata }) => `node ${metadata.name} is not Ready`),
  ];
}

/** Pods that were restarted or replaced, or cannot be reached any more. */
export async function findLost(
  pods: readonly Pod[],
  before: ReadonlyMap<string, PodIdentity>,
): Promise<string[]> {
  const lost: string[] = [];
  for (const pod of pods) {
    const { name } = pod.metadata;
    const known = before.get(name);
    const now = identityOf(pod);
    const restarts = (pod.status?.containerStatuses ?? []).reduce(
      (sum, { restartCount }) => sum + restartCount,
      0,
    );
    if (restarts > 0)
      lost.push(
        `pod ${name} was restarted ${restarts} times: ${JSON.stringify(pod.status?.containerStatuses?.[0]?.lastState)}`,
      );
    else if (known && JSON.stringify(known) !== JSON.stringify(now))
      lost.push(`pod ${name} is another one: ${JSON.stringify(now)}, was ${JSON.stringify(known)}`);
    else if (!(await answers(urlOf(pod)))) lost.push(`pod ${name} does not answer on ${urlOf(pod)}`);
  }
  return lost;
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(10_000) });
    return true;
  } catch {
    return false;
  }
}

export function lookAround(node: ChaosNode): Rest {
  const isOurs = mentioning(...node.words);
  const processes = [
    ["core", node.core.pid] as const,
    ...plugins.map((plugin) => [plugin, node.processesOf(plugin)[0]?.pid] as const),
    ["containerd", node.containerd()[0]?.pid] as const,
  ];
  return {
    // What runs inside a pod is the pod's own: a program of its may start others.
    items: takeSnapshot().items.filter(
      (item) => isOurs(item) && !(item.category === "processes" && item.text.includes("/kubepods/")),
    ),
    descriptors: new Map(processes.map(([name, pid]) => [name, countDescriptors(pid)])),
  };
}

/**
 * What is there now and was not at the rest before, with the same pods running. Processes and sockets that were
 * replaced count by what they are, not by their number.
 */
export function findLeaks(before: Rest, now: Rest): string[] {
  const left = count(before.items);
  const leaks = now.items.filter((item) => {
    const key = keyOf(item);
    const known = left.get(key) ?? 0;
    left.set(key, known - 1);
    return known <= 0;
  });
  const descriptors = [...now.descriptors].filter(
    ([name, open]) => open > (before.descriptors.get(name) ?? 0) + descriptorSlack,
  );
  return [
    ...leaks.map(({ category, text }) => `${category}: ${text}`),
    ...descriptors.map(
      ([name, open]) => `descriptors: ${name} has ${open}, had ${before.descriptors.get(name)}`,
    ),
  ];
}

function count(items: readonly Item[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

/** What a thing is, without the numbers that a replaced process, rule or socket gets anew. */
function keyOf({ category, id, text }: Item): string {
  switch (category) {
    case "processes":
      return `${category} ${text.replace(/^\d+ /, "").replaceAll(/child of \d+/g, "")}`;
    case "sockets":
      return `${category} ${text.replace(/\/[^/]*\.sock$/, "")}`;
    case "firewall":
      return `${category} ${text}`;
    default:
      return `${category} ${id}`;
  }
}

function countDescriptors(pid: number | undefined): number {
  return pid === undefined ? 0 : readdirSync(`/proc/${pid}/fd`).length;
}
