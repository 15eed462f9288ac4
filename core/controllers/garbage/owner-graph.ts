import type { ApiObject } from "../../client/contracts.ts";

type OwnerReference = NonNullable<NonNullable<ApiObject["metadata"]>["ownerReferences"]>[number];

/** What the collector knows of an object. */
export interface GraphNode {
  readonly uid: string;
  /** Index of its resource among those followed. */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly isDying: boolean;
  readonly resourceVersion: string | undefined;
}

/** Who owns whom, by uid. */
export class OwnerGraph {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): GraphNode | undefined {
    return this.#nodes.get(uid);
  }

  all(): Iterable<GraphNode> {
    return this.#nodes.values();
  }

  set(node: GraphNode): void {
    this.delete(node.uid);
    this.#nodes.set(node.uid, node);
    for (const { uid } of node.owners) {
      const dependents = this.#dependents.get(uid);
      if (dependents) dependents.add(node.uid);
      else this.#dependents.set(uid, new Set([node.uid]));
    }
  }

  delete(uid: string): void {
    const node = this.#nodes.get(uid);
    if (!node) return;
    this.#nodes.delete(uid);
    for (const owner of node.owners) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size === 0) this.#dependents.delete(owner.uid);
    }
  }

  dependentsOf(uid: string): GraphNode[] {
    return [...(this.#dependents.get(uid) ?? [])].map((dependent) => this.#nodes.get(dependent)!);
  }
}

export function graphNode(resource: string, { metadata = {} }: ApiObject): GraphNode {
  return {
    uid: metadata.uid ?? "",
    resource,
    namespace: metadata.namespace,
    name: metadata.name ?? "",
    owners: metadata.ownerReferences ?? [],
    finalizers: metadata.finalizers ?? [],
    isDying: metadata.deletionTimestamp !== undefined,
    resourceVersion: metadata.resourceVersion,
  };
}
