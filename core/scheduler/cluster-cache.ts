import type { Node, PluginInstance } from "../api/index.ts";
import { type Amounts, amountsOf } from "../api/scheduling/pod-requests.ts";
import type { NodeInfo, PodInfo } from "./model.ts";

/**
 * Nodes with the pods on them. A pod that has just been placed is assumed to be there until the API says so, or until
 * its binding failed.
 */
export class ClusterCache {
  readonly #nodes = new Map<string, NodeState>();
  /** Where each pod stands, assumed ones too. */
  readonly #placed = new Map<string, { node: string; info: PodInfo }>();
  readonly #instances = new Map<string, PluginInstance>();
  #known: readonly NodeInfo[] | undefined;

  /** Nodes that exist; pods on a node not yet known are kept for it. */
  get nodes(): readonly NodeInfo[] {
    return (this.#known ??= [...this.#nodes.values()].filter((state) => state.exists));
  }

  setNode(node: Node): void {
    this.#state(node.metadata.name).setNode(node);
    this.#known = undefined;
  }

  removeNode(name: string): void {
    const state = this.#nodes.get(name);
    if (!state) return;
    state.unsetNode();
    this.#known = undefined;
    if (state.pods.size === 0 && state.instances.length === 0) this.#nodes.delete(name);
  }

  setPod(info: PodInfo, node: string): void {
    this.removePod(info.key);
    this.#placed.set(info.key, { node, info });
    this.#state(node).add(info);
  }

  removePod(key: string): void {
    const there = this.#placed.get(key);
    if (!there) return;
    this.#placed.delete(key);
    this.#nodes.get(there.node)?.remove(key);
  }

  setInstance(instance: PluginInstance): void {
    this.#instances.set(instance.metadata.name ?? "", instance);
    this.#refreshInstances(instance.spec.nodeName);
  }

  removeInstance(instance: PluginInstance): void {
    this.#instances.delete(instance.metadata.name ?? "");
    this.#refreshInstances(instance.spec.nodeName);
  }

  #refreshInstances(node: string): void {
    this.#state(node).instances = [...this.#instances.values()].filter(
      (instance) => instance.spec.nodeName === node,
    );
  }

  #state(name: string): NodeState {
    let state = this.#nodes.get(name);
    if (!state) {
      state = new NodeState(name);
      this.#nodes.set(name, state);
    }
    return state;
  }
}

class NodeState implements NodeInfo {
  node: Node;
  allocatable: Amounts = new Map();
  readonly pods = new Map<string, PodInfo>();
  readonly requested = new Map<string, number>();
  instances: readonly PluginInstance[] = [];
  exists = false;

  constructor(name: string) {
    this.node = { metadata: { name }, spec: {} };
  }

  setNode(node: Node): void {
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable);
    this.exists = true;
  }

  unsetNode(): void {
    this.exists = false;
  }

  add(info: PodInfo): void {
    this.pods.set(info.key, info);
    this.#count(info, 1);
  }

  remove(key: string): void {
    const info = this.pods.get(key);
    if (!info) return;
    this.pods.delete(key);
    this.#count(info, -1);
  }

  #count({ requests }: PodInfo, sign: 1 | -1): void {
    for (const [name, amount] of requests) {
      this.requested.set(name, (this.requested.get(name) ?? 0) + sign * amount);
    }
  }
}
