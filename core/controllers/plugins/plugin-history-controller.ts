import {
  type ControllerRevision,
  deepEqual,
  type Plugin,
  pluginRevisionData,
  pluginRevisionLabel,
  pluginRevisionNamespace,
} from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue, unlessGone, unlessThere } from "../../client/reconcile.ts";
import { clientOf, resources } from "../../client/resources.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";

/** Former definitions that are kept besides the present one, as a Deployment keeps its replica sets. */
const kept = 10;

/**
 * Keeps what a Plugin said before as ControllerRevisions in kube-system, the way a StatefulSet keeps its templates. A
 * definition that comes back gets the next number instead of a second entry.
 */
export class PluginHistoryController implements Controller {
  readonly label = "plugin history controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (name) => this.#reconcile(name));
    onEveryChange(parts.informers.plugins, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(metadata.name ?? "");
    });
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  async #reconcile(name: string): Promise<void> {
    const { api, informers } = this.#parts;
    const plugin = informers.plugins.get(name);
    if (!plugin || plugin.metadata.deletionTimestamp) return;
    const client = clientOf(api, resources.controllerRevisions);
    const scope = { namespace: pluginRevisionNamespace };
    const { items } = await client.list({ ...scope, labelSelector: `${pluginRevisionLabel}=${name}` });
    const own = items.filter(({ metadata }) => isOwnedBy(metadata, plugin)).toSorted(byRevision);
    const newest = own.at(-1)?.revision ?? 0;
    const data = pluginRevisionData(plugin.spec);
    const same = own.find((one) => deepEqual(one.data, data));
    if (!same) await unlessThere(client.create(revisionOf(plugin, newest + 1, data), scope));
    else if (same.revision !== newest)
      await client.patch(same.metadata.name ?? "", "merge", { revision: newest + 1 }, scope);
    const others = own.filter((one) => one !== same);
    for (const { metadata } of others.slice(0, Math.max(0, others.length - kept)))
      await unlessGone(client.delete(metadata.name ?? "", scope));
  }
}

function revisionOf(
  { apiVersion, kind, metadata }: Plugin,
  revision: number,
  data: ControllerRevision["data"],
): ControllerRevision {
  const { name = "", uid = "" } = metadata;
  return {
    apiVersion: "apps/v1",
    kind: "ControllerRevision",
    metadata: {
      // The number of its first appearance: it stays unique, for numbers only grow.
      name: `plugin-${name}-${revision}`,
      namespace: pluginRevisionNamespace,
      labels: { [pluginRevisionLabel]: name },
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
    },
    revision,
    data,
  };
}

function isOwnedBy({ ownerReferences = [] }: ControllerRevision["metadata"], { metadata }: Plugin): boolean {
  return ownerReferences.some(({ uid }) => uid === metadata.uid);
}

function byRevision(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision;
}
