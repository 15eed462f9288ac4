import {
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Plugin,
  type PluginSet,
  pluginsOfNode,
  pullSecretOf,
  mirrorAnnotation,
} from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { type PodLike, podReferences } from "./pod-references.ts";

const storedNodes = "/core/nodes/";
const storedClaims = "/core/persistentvolumeclaims/";
const storedVolumes = "/core/persistentvolumes/";

/** What a node needs for the pods that are bound to it and for its plugins, found in the watch cache. */
export class NodeReach {
  readonly #cache: WatchCache;
  readonly #node: string;

  constructor(cache: WatchCache, node: string) {
    this.#cache = cache;
    this.#node = node;
  }

  /** Whether a stored object says of itself that it is for this node; what is not there is for nobody else. */
  owns(resource: string, key: string): boolean {
    const prefix = `/${resource}/`;
    const found = this.#cache.kind(prefix).get(prefix + key);
    return !found || found.object<{ spec?: { nodeName?: string } }>().spec?.nodeName === this.#node;
  }

  /** Whether a pod of this node names it. */
  names(
    resource: "secrets" | "configmaps" | "persistentvolumeclaims",
    namespace: string,
    name: string,
  ): boolean {
    return this.pods(namespace).some((pod) => podReferences(pod)[resource].has(name));
  }

  /** Whether it is the volume of a claim that a pod of this node names. */
  mounts(volumeName: string): boolean {
    const volume = this.#cache.kind(storedVolumes).get(storedVolumes + volumeName);
    if (volume) return this.#isMounted(volume.object<PersistentVolume>());
    // One that a claim names and that is not there: the pod waits, and the node may see why.
    for (const cached of this.#cache.kind(storedClaims).objects()) {
      const { spec } = cached.object<PersistentVolumeClaim>();
      if (
        spec?.volumeName === volumeName &&
        this.names("persistentvolumeclaims", cached.namespace, cached.name)
      )
        return true;
    }
    return false;
  }

  /** Whether a volume that is mounted here names the Secret for what its driver does on the node. */
  unlocks(namespace: string, name: string): boolean {
    for (const cached of this.#cache.kind(storedVolumes).objects()) {
      const volume = cached.object<PersistentVolume>();
      const { claimRef, csi } = volume.spec ?? {};
      const references = [csi?.nodeStageSecretRef, csi?.nodePublishSecretRef, csi?.nodeExpandSecretRef];
      const isNamed = references.some(
        (one) => one?.name === name && (one.namespace ?? claimRef?.namespace) === namespace,
      );
      if (isNamed && this.#isMounted(volume)) return true;
    }
    return false;
  }

  /** Whether a Plugin that is to run on this node, and not only on others, names the Secret. */
  pulls(namespace: string, name: string): boolean {
    const plugins = this.#all<Plugin>("/berth.dev/plugins/");
    const names = (plugin: Plugin): boolean => {
      const secret = pullSecretOf(plugin);
      return secret?.namespace === namespace && secret.name === name;
    };
    if (!plugins.some(names)) return false;
    const { metadata } =
      this.#cache
        .kind(storedNodes)
        .get(storedNodes + this.#node)
        ?.object<Node>() ?? {};
    if (!metadata) return false;
    const sets = this.#all<PluginSet>("/berth.dev/pluginsets/");
    return pluginsOfNode(plugins, sets, metadata.labels ?? {}).wanted.some(names);
  }

  /** Those that are bound to it. What it mirrors gives it nothing: it could mirror anything. */
  pods(namespace: string): PodLike[] {
    const pods: PodLike[] = [];
    for (const cached of this.#cache.kind("/core/pods/").objects(namespace)) {
      const pod = cached.object<PodLike>();
      if (pod.spec?.nodeName === this.#node && pod.metadata?.annotations?.[mirrorAnnotation] === undefined)
        pods.push(pod);
    }
    return pods;
  }

  /** Both sides must say so: a claim alone could name any volume. */
  #isMounted({ metadata, spec }: PersistentVolume): boolean {
    const { namespace = "", name = "" } = spec?.claimRef ?? {};
    const claim = this.#cache.kind(storedClaims).get(`${storedClaims}${namespace}/${name}`);
    return (
      claim?.object<PersistentVolumeClaim>().spec?.volumeName === metadata.name &&
      this.names("persistentvolumeclaims", namespace, name)
    );
  }

  #all<T extends object>(prefix: string): T[] {
    return [...this.#cache.kind(prefix).objects()].map((cached) => cached.object<T>());
  }
}
