import type { Disposable } from "@berth/base";

import type { Node, PluginInstance, Pod } from "../api/index.ts";
import { deepEqual } from "../api/index.ts";
import type { ApiObject, Informer } from "../client/contracts.ts";
import type { Informers } from "../client/informers.ts";
import { resources } from "../client/resources.ts";
import { ClusterCache } from "./cluster-cache.ts";
import type { Cluster, ClusterChange } from "./model.ts";
import { isFinished, podInfo, podKey } from "./pod-info.ts";

export interface ClusterListener {
  /** Something happened that may let a waiting pod fit. */
  changed(change: ClusterChange): void;
  /** A pod without a node came or changed. */
  unplaced(pod: Pod): void;
  /** A pod got a node, finished or went: it is not to be placed (any more). */
  settled(key: string): void;
}

/** The scheduler's picture of the cluster, kept by informers. */
export class ClusterView {
  readonly cache = new ClusterCache();
  readonly cluster: Cluster;
  readonly #listener: ClusterListener;
  readonly #subscriptions: Disposable[] = [];

  constructor(informers: Informers, listener: ClusterListener) {
    this.#listener = listener;
    const { cache } = this;
    const claims = informers.of(resources.claims);
    const volumes = informers.of(resources.volumes);
    const storageClasses = informers.of(resources.storageClasses);
    const runtimeClasses = informers.of(resources.runtimeClasses);
    const namespaces = informers.of(resources.namespaces);
    this.cluster = {
      get nodes() {
        return cache.nodes;
      },
      claim: (namespace, name) => claims.get(name, namespace),
      volume: (name) => volumes.get(name),
      volumes: () => volumes.list(),
      storageClass: (name) => storageClasses.get(name),
      runtimeClass: (name) => runtimeClasses.get(name),
      namespaceLabels: (name) => namespaces.get(name)?.metadata.labels,
    };
    for (const informer of [claims, volumes, storageClasses]) {
      this.#wakeOn(informer, "storage");
    }
    this.#wakeOn(runtimeClasses, "runtimeClass");
    this.#followNodes(informers.of(resources.nodes));
    this.#followInstances(informers.of(resources.pluginInstances));
    this.#followPods(informers.of(resources.pods));
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) void subscription.dispose();
  }

  #wakeOn(informer: Informer<ApiObject>, change: ClusterChange): void {
    const wake = (): void => this.#listener.changed(change);
    this.#subscriptions.push(informer.onDidAdd(wake), informer.onDidUpdate(wake), informer.onDidDelete(wake));
  }

  #followNodes(nodes: Informer<Node>): void {
    this.#subscriptions.push(
      nodes.onDidAdd((node) => {
        this.cache.setNode(node);
        this.#listener.changed("node");
      }),
      nodes.onDidUpdate(({ old, object }) => {
        this.cache.setNode(object);
        if (matters(old, object)) this.#listener.changed("node");
      }),
      nodes.onDidDelete((node) => this.cache.removeNode(node.metadata.name)),
    );
  }

  #followInstances(instances: Informer<PluginInstance>): void {
    const set = (instance: PluginInstance): void => {
      this.cache.setInstance(instance);
      this.#listener.changed("plugin");
    };
    this.#subscriptions.push(
      instances.onDidAdd(set),
      instances.onDidUpdate(({ object }) => set(object)),
      instances.onDidDelete((instance) => {
        this.cache.removeInstance(instance);
        this.#listener.changed("plugin");
      }),
    );
  }

  #followPods(pods: Informer<Pod>): void {
    this.#subscriptions.push(
      pods.onDidAdd((pod) => this.#setPod(pod)),
      pods.onDidUpdate(({ object }) => this.#setPod(object)),
      pods.onDidDelete((pod) => this.#removePod(podKey(pod))),
    );
  }

  #setPod(pod: Pod): void {
    if (isFinished(pod)) return this.#removePod(podKey(pod));
    if (!pod.spec.nodeName) return this.#listener.unplaced(pod);
    const info = podInfo(pod);
    this.cache.setPod(info, pod.spec.nodeName);
    this.#listener.settled(info.key);
    this.#listener.changed("podPlaced");
  }

  #removePod(key: string): void {
    this.cache.removePod(key);
    this.#listener.settled(key);
    this.#listener.changed("podGone");
  }
}

/** Heartbeats change nodes all the time; these are the parts that decisions look at. */
function matters(old: Node, now: Node): boolean {
  const parts = ({ metadata, spec, status }: Node): unknown[] => [
    metadata.labels,
    spec.taints,
    spec.unschedulable,
    status?.allocatable,
    status?.capacity,
    status?.conditions?.find(({ type }) => type === "Ready")?.status,
  ];
  return !deepEqual(parts(old), parts(now));
}
