import { errorMessage } from "@berth/base";
import type { Namespace, NamespaceCondition } from "../../api/index.ts";
import { ApiError, type ApiObject, type WorkQueue } from "../../client/contracts.ts";
import { resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, unlessGone } from "../../client/reconcile.ts";
import { withCondition } from "../shared/conditions.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { type DiscoveredResource, discoverResources } from "../shared/discovery.ts";
import { type Contents, namespaceConditions } from "./namespace-conditions.ts";

const ownFinalizer = "kubernetes";
/** What is left usually goes by itself: pods within their grace period, objects whose finalizers are being served. */
const recheckMs = 2000;

/** Empties a namespace that is being deleted, then lets it go. */
export class NamespaceController implements Controller {
  readonly label = "namespace controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (name, signal) => this.#reconcile(name, signal), {
      parallel: 4,
    });
    const { namespaces, pods } = parts.informers;
    onEveryChange(namespaces, ({ metadata }, change) => {
      if (change !== "deleted" && metadata.deletionTimestamp) this.#queue.add(metadata.name);
    });
    pods.onDidDelete(({ metadata }) => {
      const namespace = namespaces.get(metadata.namespace ?? "");
      if (namespace?.metadata.deletionTimestamp) this.#queue.add(namespace.metadata.name);
    });
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(name: string, signal: AbortSignal): Promise<void> {
    const namespace = this.#parts.informers.namespaces.get(name);
    if (!namespace?.metadata.deletionTimestamp) return;
    const finalizers = (namespace.spec as { finalizers?: string[] } | undefined)?.finalizers ?? [];
    if (!finalizers.includes(ownFinalizer)) return;
    const found = await this.#deleteContents(name, signal);
    if (found.undiscovered.length > 0 || found.undeleted.length > 0 || found.left.size > 0) {
      await this.#tell(namespace, found);
      this.#queue.addAfter(name, recheckMs);
      return;
    }
    const body = {
      ...namespace,
      apiVersion: "v1",
      kind: "Namespace",
      spec: { finalizers: finalizers.filter((one) => one !== ownFinalizer) },
    };
    const path = `/api/v1/namespaces/${name}/finalize`;
    await unlessGone(this.#parts.api.request({ method: "PUT", path, body, signal }));
  }

  async #deleteContents(namespace: string, signal: AbortSignal): Promise<Contents> {
    const { resources: all, failures } = await discoverResources(this.#parts.api, signal);
    const contents = all.filter(
      ({ namespaced, verbs }) => namespaced && verbs.has("delete") && verbs.has("list"),
    );
    const undeleted: string[] = [];
    const left = new Map<string, number>();
    const finalizers = new Map<string, number>();
    const deleteAll = async (some: readonly DiscoveredResource[]): Promise<void> => {
      for (const resource of some) {
        try {
          const remaining = await this.#deleteAll(resource, namespace, signal);
          if (remaining.length > 0) left.set(`${resource.resource}.${resource.group}`, remaining.length);
          for (const finalizer of remaining.flatMap(({ metadata }) => metadata?.finalizers ?? []))
            finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
        } catch (error) {
          signal.throwIfAborted();
          undeleted.push(`${resource.resource}: ${errorMessage(error)}`);
        }
      }
    };
    await deleteAll(contents.filter(isPods));
    // A running pod may not outlive what restrains or configures it: network policies, secrets, its service account.
    if (left.size === 0 && undeleted.length === 0)
      await deleteAll(contents.filter((resource) => !isPods(resource)));
    const undiscovered = failures.map(({ groupVersion, message }) => `${groupVersion}: ${message}`);
    return { undiscovered, undeleted, left, finalizers };
  }

  /** What is there afterwards. */
  async #deleteAll(
    resource: DiscoveredResource,
    namespace: string,
    signal: AbortSignal,
  ): Promise<readonly ApiObject[]> {
    const client = this.#parts.api.resource<ApiObject>(resource);
    try {
      const before = await client.list({ namespace, limit: 1, signal });
      if (before.items.length === 0) return [];
      const options = { namespace, signal, propagationPolicy: "Background" } as const;
      if (resource.verbs.has("deletecollection")) await client.deleteCollection(options);
      else {
        const { items } = await client.list({ namespace, signal });
        for (const { metadata } of items) {
          await unlessGone(client.delete(metadata?.name ?? "", options));
        }
      }
      return (await client.list({ namespace, signal })).items;
    } catch (error) {
      // A custom resource may stop being served between discovery and now.
      if (ApiError.is(error, "NotFound") || ApiError.is(error, "MethodNotAllowed")) return [];
      throw error;
    }
  }

  async #tell(namespace: Namespace, contents: Contents): Promise<void> {
    const known = namespace.status?.conditions;
    const now = this.#parts.clock.now();
    const conditions = namespaceConditions(contents).reduce(
      (list, condition) => withCondition(list, condition, now),
      known as readonly NamespaceCondition[] | undefined,
    );
    if (conditions === known) return;
    await unlessGone(
      this.#parts.api
        .resource<Namespace>(resources.namespaces)
        .patch(namespace.metadata.name, "merge", { status: { conditions } }, { subresource: "status" }),
    );
  }
}

function isPods({ group, resource }: DiscoveredResource): boolean {
  return group === "" && resource === "pods";
}
