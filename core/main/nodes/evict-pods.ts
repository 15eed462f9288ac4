import { setTimeout as sleep } from "node:timers/promises";
import type { Pod } from "../../api/index.ts";
import {
  type ApiClient,
  ApiError,
  clientOf,
  type ResourceClient,
  resources,
  waitFor,
} from "../../client/index.ts";
import type { DeafPlugins } from "./deaf-plugins.ts";
import { podTitle } from "./choose-pods.ts";

/** Between two requests to evict a pod that a disruption budget protects. */
const againMs = 2000;

export interface EvictOptions {
  /** Seconds that each pod has to end; its own when absent. */
  readonly graceSeconds?: number;
  readonly signal: AbortSignal;
  /** What is new about a pod, in words. */
  readonly tell: (pod: Pod, state: "evicting" | "waiting" | "gone" | "stuck", reason: string) => void;
  readonly deaf: Pick<DeafPlugins, "whyStuck" | "onDidChange">;
}

/**
 * Asks the API to evict these pods, each again as long as a disruption budget forbids it, and resolves when each is
 * gone, with its volumes and network, for a node takes those down before it lets go of the pod; or is stuck, for its
 * runtime or driver does not come by itself.
 * @throws the signal's reason when it aborts first
 */
export async function evictPods(api: ApiClient, pods: readonly Pod[], options: EvictOptions): Promise<void> {
  const client = clientOf(api, resources.pods);
  await Promise.all(
    pods.map(async (pod) => {
      if (!pod.metadata.deletionTimestamp) await evict(client, pod, options);
      options.tell(pod, "evicting", "");
      const stuck = await untilGone(client, pod, options);
      options.tell(pod, stuck === undefined ? "gone" : "stuck", stuck ?? "");
    }),
  );
}

/** Resolves with nothing when the pod is gone, or with why it cannot go. */
async function untilGone(
  client: ResourceClient<Pod>,
  pod: Pod,
  { deaf, signal }: EvictOptions,
): Promise<string | undefined> {
  const { name, namespace = "", uid } = pod.metadata;
  const stuck = Promise.withResolvers<string>();
  const look = (): void => {
    const reason = deaf.whyStuck(pod);
    if (reason !== undefined) stuck.resolve(reason);
  };
  const done = new AbortController();
  const listening = deaf.onDidChange(look);
  try {
    look();
    const isGone = (now: Pod | undefined): boolean => now?.metadata.uid !== uid;
    const scope = { namespace, signal: AbortSignal.any([signal, done.signal]) };
    return await Promise.race([waitFor(client, name, isGone, scope).then(() => undefined), stuck.promise]);
  } finally {
    done.abort();
    await listening.dispose();
  }
}

async function evict(client: ResourceClient<Pod>, pod: Pod, options: EvictOptions): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
    deleteOptions: {
      preconditions: { uid },
      ...(options.graceSeconds === undefined ? {} : { gracePeriodSeconds: options.graceSeconds }),
    },
  };
  let told = "";
  for (;;) {
    options.signal.throwIfAborted();
    try {
      // The subresource takes another kind than the resource.
      await client.create(eviction as unknown as Pod, {
        ...scopeOf(pod, options),
        name,
        subresource: "eviction",
      });
      return;
    } catch (error) {
      // A Conflict: the name belongs to another pod by now.
      if (ApiError.is(error, "NotFound") || ApiError.is(error, "Conflict")) return;
      if (!ApiError.is(error, "TooManyRequests"))
        throw new Error(`evicting pod ${podTitle(pod)}: ${String(error)}`, { cause: error });
      const reason = forbiddenBy(error);
      if (reason !== told) options.tell(pod, "waiting", reason);
      told = reason;
    }
    await sleep(againMs, undefined, { signal: options.signal });
  }
}

function scopeOf({ metadata: { namespace = "" } }: Pod, { signal }: EvictOptions) {
  return { namespace, signal };
}

/** The budget's own words. */
function forbiddenBy({ message, details }: ApiError): string {
  const { causes } = (details ?? {}) as { causes?: readonly { message?: string }[] };
  return causes?.[0]?.message ?? message;
}
