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
    await this.#tell(namespace, found);
    if (Object.values(found).some((list) => list.length > 0)) {
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
    const left: string[] = [];
    const undeleted: string[] = [];
    for (const resource of contents) {
      try {
        const count = await this.#deleteAll(resource, namespace, signal);
        if (count > 0) left.push(`${resource.resource} (${count})`);
      } catch (error) {
        signal.throwIfAborted();
        undeleted.push(`${resource.resource}: ${errorMessage(error)}`);
      }
    }
    return {
      undiscovered: failures.map(({ groupVersion, message }) => `${groupVersion}: ${message}`),
      undeleted,
      left,
    };
  }

  async #deleteAll(resource: DiscoveredResource, namespace: string, signal: AbortSignal): Promise<number> {
    const client = this.#parts.api.resource<ApiObject>(resource);
    try {
      const before = await client.list({ namespace, limit: 1, signal });
      if (before.items.length === 0) return 0;
      if (resource.verbs.has("deletecollection")) await client.deleteCollection({ namespace, signal });
      else {
        const { items } = await client.list({ namespace, signal });
        for (const { metadata } of items) {
          await unlessGone(client.delete(metadata?.name ?? "", { namespace, signal }));
        }
      }
      return (await client.list({ namespace, signal })).items.length;
    } catch (error) {
      // A custom resource may stop being served between discovery and now.
      if (ApiError.is(error, "NotFound") || ApiError.is(error, "MethodNotAllowed")) return 0;
      throw error;
    }
  }

  async #tell(namespace: Namespace, contents: Contents): Promise<void> {
    const known = namespace.status?.conditions;
    const now = this.#parts.clock.now();
    const conditions = namespaceConditions(contents).reduce(
      (list, condition) =>
        // What never was wrong needs no saying that it is right.
        condition.status === "True" || list?.some(({ type }) => type === condition.type)
          ? withCondition(list, condition, now)
          : list,
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
