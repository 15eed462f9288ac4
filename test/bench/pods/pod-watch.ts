import type { Pod } from "../../../core/api/index.ts";
import { type ApiClient, clientOf, type ResourceClient, resources } from "../../../core/client/index.ts";

const namespace = "default";
const patienceMs = 60_000;

interface Waiting {
  readonly name: string;
  /** Undefined stands for a pod that was deleted. */
  readonly until: (pod: Pod | undefined) => boolean;
  readonly resolve: (at: number) => void;
}

/** Creates pods and takes the time at which one watch of the namespace tells what became of them. */
export class PodWatch implements AsyncDisposable {
  readonly #pods: ResourceClient<Pod>;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<Waiting>();
  readonly #watching: Promise<void>;

  private constructor(pods: ResourceClient<Pod>, resourceVersion: string) {
    this.#pods = pods;
    this.#watching = this.#watch(resourceVersion);
  }

  static async open(client: ApiClient): Promise<PodWatch> {
    const pods = clientOf(client, resources.pods);
    return new PodWatch(pods, (await pods.list({ namespace })).resourceVersion);
  }

  /** Milliseconds from the creation until the pod is Ready; then removes it. */
  async run(name: string, image: string): Promise<number> {
    const ms = await this.ready(name, image);
    await this.gone(name);
    return ms;
  }

  async ready(name: string, image: string): Promise<number> {
    const ready = this.#wait(name, (pod) => isReady(pod));
    const begin = performance.now();
    await this.#pods.create(podOf(name, image), { namespace });
    return (await ready) - begin;
  }

  async gone(name: string): Promise<void> {
    const gone = this.#wait(name, (pod) => pod === undefined);
    await this.#pods.delete(name, { namespace, gracePeriodSeconds: 1 });
    await gone;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  #wait(name: string, until: Waiting["until"]): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`pod ${name} was waited for too long`)), patienceMs);
      const waiting: Waiting = {
        name,
        until,
        resolve: (at) => {
          clearTimeout(late);
          this.#waiting.delete(waiting);
          resolve(at);
        },
      };
      this.#waiting.add(waiting);
    });
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      for await (const event of this.#pods.watch({ namespace, resourceVersion, signal })) {
        const at = performance.now();
        if (event.type === "BOOKMARK") continue;
        const state = event.type === "DELETED" ? undefined : event.object;
        for (const waiting of this.#waiting)
          if (waiting.name === event.object.metadata.name && waiting.until(state)) waiting.resolve(at);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function isReady(pod: Pod | undefined): boolean {
  return (pod?.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}

/** The same container as the peer's. */
function podOf(name: string, image: string): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: { containers: [{ name: "main", image, command: ["sleep", "1000"] }] },
  };
}
