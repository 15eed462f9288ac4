import type { Deployment, Pod, ReplicaSet } from "../../api/index.ts";
import { type ApiClient, ApiError } from "../../client/contracts.ts";
import type { ClusterInformers } from "../shared/cluster-informers.ts";

type OwnerReference = NonNullable<Pod["metadata"]["ownerReferences"]>[number];

export interface PodsWanted {
  /** By all controllers of these pods together. */
  readonly wanted: number;
  /** Names of pods that no controller manages: how many of them there should be is not known. */
  readonly unmanaged: readonly string[];
}

/** Of a controller, when it is still the one that the pod names. */
interface Wish {
  readonly uid: string;
  readonly replicas: number;
}

/**
 * How many pods those who manage these pods want: deployments, replica sets, jobs by their parallelism, and whatever else has
 * a scale.
 * @throws Error in the words of a budget's condition when one of them does not say
 */
export class WantedPods {
  readonly #api: ApiClient;
  readonly #informers: ClusterInformers;

  constructor({ api, informers }: { readonly api: ApiClient; readonly informers: ClusterInformers }) {
    this.#api = api;
    this.#informers = informers;
  }

  async of(pods: readonly Pod[]): Promise<PodsWanted> {
    const numbers = new Map<string, number>();
    const asked = new Set<string>();
    const unmanaged: string[] = [];
    for (const { metadata } of pods) {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller);
      if (!owner) unmanaged.push(metadata.name);
      if (!owner || asked.has(owner.uid)) continue;
      asked.add(owner.uid);
      const wish = await this.#wishOf(owner, metadata.namespace ?? "");
      if (!wish) throw new Error(`found no controllers for pod ${JSON.stringify(metadata.name)}`);
      numbers.set(wish.uid, wish.replicas);
    }
    return { wanted: [...numbers.values()].reduce((sum, number) => sum + number, 0), unmanaged };
  }

  async #wishOf(owner: OwnerReference, namespace: string): Promise<Wish | undefined> {
    const [version, group = ""] = owner.apiVersion.split("/").toReversed();
    const known = `${group}/${owner.kind}`;
    if (known === "apps/ReplicaSet") return this.#ofReplicaSet(owner, namespace);
    if (known === "batch/Job") return this.#ofJob(owner, namespace);
    return this.#ofScale(owner, { group, version: version ?? "" }, namespace);
  }

  #ofReplicaSet({ name, uid }: OwnerReference, namespace: string): Wish | undefined {
    const { replicaSets, deployments } = this.#informers;
    const set = replicaSets.get(name, namespace);
    if (!set || set.metadata.uid !== uid) return undefined;
    const above = set.metadata.ownerReferences?.find(({ controller }) => controller);
    const deployment = above?.kind === "Deployment" ? deployments.get(above.name, namespace) : undefined;
    return wishOf(deployment?.metadata.uid === above?.uid ? (deployment ?? set) : set);
  }

  /** Jobs have no scale; as many of their pods as may run at a time are wanted. */
  async #ofJob({ name, apiVersion, uid }: OwnerReference, namespace: string): Promise<Wish | undefined> {
    interface Job {
      metadata: { uid: string };
      spec: { parallelism?: number };
    }
    const job = await this.#get<Job>(`/apis/${apiVersion}/namespaces/${namespace}/jobs/${name}`);
    if (job?.metadata.uid !== uid) return undefined;
    return { uid, replicas: job.spec.parallelism ?? 1 };
  }

  async #ofScale(
    { kind, name, apiVersion, uid }: OwnerReference,
    { group, version }: { readonly group: string; readonly version: string },
    namespace: string,
  ): Promise<Wish | undefined> {
    interface ResourceList {
      resources: { name: string; kind: string }[];
    }
    interface Scale {
      metadata: { uid: string };
      spec: { replicas?: number };
    }
    const root = group === "" ? `/api/${version}` : `/apis/${apiVersion}`;
    const served = (await this.#get<ResourceList>(root))?.resources ?? [];
    const plural = served.find((one) => one.kind === kind && !one.name.includes("/"))?.name;
    if (plural === undefined)
      throw new Error(`no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`);
    if (!served.some((one) => one.name === `${plural}/scale`))
      throw new Error(
        `${group === "" ? plural : `${plural}.${group}`} does not implement the scale subresource`,
      );
    const scale = await this.#get<Scale>(`${root}/namespaces/${namespace}/${plural}/${name}/scale`);
    if (scale?.metadata.uid !== uid) return undefined;
    return { uid, replicas: scale.spec.replicas ?? 0 };
  }

  /** undefined where nothing stands. */
  async #get<T>(path: string): Promise<T | undefined> {
    try {
      return (await this.#api.request({ method: "GET", path })).body as T;
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return undefined;
      throw error;
    }
  }
}

function wishOf({ metadata, spec }: ReplicaSet | Deployment): Wish {
  return { uid: metadata.uid ?? "", replicas: spec.replicas ?? 1 };
}
