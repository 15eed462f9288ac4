import { setTimeout as sleep } from "node:timers/promises";
import type { Pod } from "../../core/api/index.ts";
import type { ApiClient } from "../../core/client/index.ts";
import { ApiError, clientOf, type ResourceClient, resources } from "../../core/client/index.ts";
import type { Random } from "./random.ts";

export const image = "berth.dev/chaos:1";
const namespace = "default";
const port = 8080;

/** What a pod uses beside a runtime and the network. */
export type PodNeed = "nothing" | "claim" | "gpu" | "gvisor";

export function isReady(pod: Pod | undefined): boolean {
  return (pod?.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");
}

/** Pods that are there before the first fault and must stay as they are, and pods that come and go meanwhile. */
export class Workload {
  readonly #client: ApiClient;
  readonly #random: Random;
  readonly #pods: ResourceClient<Pod>;
  /** Names of pods that were asked for and not deleted. */
  readonly wanted = new Set<string>();
  #number = 0;

  constructor(client: ApiClient, random: Random) {
    this.#client = client;
    this.#random = random;
    this.#pods = clientOf(client, resources.pods);
  }

  async prepare(): Promise<void> {
    const classes = clientOf(this.#client, resources.storageClasses);
    await persist(() =>
      classes.create({
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "chaos" },
        provisioner: "hostpath.csi.berth.dev",
        volumeBindingMode: "Immediate",
      }),
    );
    await persist(() =>
      clientOf(this.#client, resources.runtimeClasses).create({
        apiVersion: "node.k8s.io/v1",
        kind: "RuntimeClass",
        metadata: { name: "gvisor" },
        handler: "gvisor",
      }),
    );
  }

  list(): Promise<Pod[]> {
    return persist(async () => (await this.#pods.list({ namespace })).items);
  }

  async add(name: string, need: PodNeed): Promise<void> {
    this.wanted.add(name);
    if (need === "claim") await this.#addClaim(name);
    await persist(() => this.#pods.create(podOf(name, need), { namespace }));
  }

  async remove(name: string): Promise<void> {
    this.wanted.delete(name);
    await persist(() => this.#pods.delete(name, { namespace, gracePeriodSeconds: 1 }));
    await persist(() => clientOf(this.#client, resources.claims).delete(name, { namespace }));
  }

  /** Creates and deletes until the signal; answers how many pods were created. */
  async churn(signal: AbortSignal): Promise<number> {
    const mortal: string[] = [];
    while (!signal.aborted) {
      const name = `churn-${++this.#number}`;
      await this.add(name, this.#random.pick(["nothing", "nothing", "claim", "gvisor"]));
      mortal.push(name);
      if (mortal.length > 4) await this.remove(mortal.splice(Math.floor(this.#random.next() * 4), 1)[0]!);
      await sleep(this.#random.between(500, 2500), undefined, { signal }).catch(() => {});
    }
    return this.#number;
  }

  async removeChurn(): Promise<void> {
    const names = [...this.wanted].filter((name) => name.startsWith("churn-"));
    for (const name of names) await this.remove(name);
  }

  async #addClaim(name: string): Promise<void> {
    await persist(() =>
      clientOf(this.#client, resources.claims).create(
        {
          apiVersion: "v1",
          kind: "PersistentVolumeClaim",
          metadata: { name, namespace },
          spec: {
            storageClassName: "chaos",
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "1Mi" } },
          },
        },
        { namespace },
      ),
    );
  }
}

/** The address that a pod's only server answers on. */
export function urlOf(pod: Pod): string {
  return `http://${pod.status?.podIP}:${port}/`;
}

function podOf(name: string, need: PodNeed): Pod {
  const volume = { name: "data", persistentVolumeClaim: { claimName: name } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 1,
      ...(need === "gvisor" ? { runtimeClassName: "gvisor" } : {}),
      containers: [
        {
          name: "main",
          image,
          command: ["httpd", "-f", "-p", String(port), "-h", "/"],
          ...(need === "claim" ? { volumeMounts: [{ name: "data", mountPath: "/data" }] } : {}),
          ...(need === "gpu" ? { resources: { limits: { "nvidia.com/gpu": "1" } } } : {}),
        },
      ],
      ...(need === "claim" ? { volumes: [volume] } : {}),
    },
  };
}

/** The API may be away for a while, its answer may be lost; what is asked for has happened when this resolves. */
async function persist<T>(work: () => Promise<T>): Promise<T | undefined extends T ? T : T> {
  const end = performance.now() + 120_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (ApiError.is(error, "AlreadyExists") || ApiError.is(error, "NotFound")) return undefined as T;
      if (performance.now() > end) throw error;
      await sleep(200);
    }
  }
}
