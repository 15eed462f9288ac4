import {
  ApiError,
  type ApiObject,
  type Informer,
  type ResourceClient,
  type WorkQueue,
} from "../../client/contracts.ts";
import { createInformer } from "../../client/informer.ts";
import { onEveryChange, reconcileQueue, unlessGone } from "../../client/reconcile.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { type DiscoveredResource, discoverResources } from "../shared/discovery.ts";
import { type GarbageStep, nextGarbageStep } from "./next-step.ts";
import { type GraphNode, graphNode, OwnerGraph } from "./owner-graph.ts";

/** How often newly served resources are looked for. */
const rescanMs = 30_000;
/** How long kinds that begin to be served may keep the others waiting for their first list. */
const firstListMs = 30_000;
/** Objects that change what is served. */
const makers = new Set([
  "customresourcedefinitions.apiextensions.k8s.io",
  "apiservices.apiregistration.k8s.io",
]);
/** Told by everybody, owned by nobody, and many. */
const ignored = new Set(["events"]);

/** Deletes what lost its owners, and carries out foreground deletion and orphaning, for every kind the API serves. */
export class GarbageCollector implements Controller {
  readonly label = "garbage collector";
  readonly #parts: Pick<ControllerParts, "api" | "clock" | "logger">;
  readonly #graph = new OwnerGraph();
  readonly #queue: WorkQueue<string>;
  readonly #followed = new Map<string, { resource: DiscoveredResource; informer: Informer<ApiObject> }>();
  /** Owners proven absent: uids are never given twice. */
  readonly #absent = new Set<string>();
  readonly #scans: WorkQueue<"scan">;

  constructor(parts: Pick<ControllerParts, "api" | "clock" | "logger">) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (uid) => this.#reconcile(uid), { parallel: 8 });
    this.#scans = reconcileQueue(this.label, parts, (_, signal) => this.#rescan(signal));
  }

  start(): void {
    this.#scans.add("scan");
  }

  async dispose(): Promise<void> {
    await this.#scans.dispose();
    await this.#queue.dispose();
    await Promise.all([...this.#followed.values()].map(async ({ informer }) => informer.dispose()));
  }

  /** Follows what is served now and no longer what is not; what could not be asked stays as it is. */
  async #rescan(signal: AbortSignal): Promise<void> {
    this.#scans.addAfter("scan", rescanMs);
    const { resources, failures } = await discoverResources(this.#parts.api, signal);
    for (const { groupVersion, message } of failures)
      this.#parts.logger.warn(`${this.label} could not look for resources of ${groupVersion}`, { message });
    const wanted = resources.filter(
      ({ resource, verbs }) =>
        !ignored.has(resource) && ["list", "watch", "delete"].every((verb) => verbs.has(verb)),
    );
    const names = new Set(wanted.map(followedName));
    const silent = new Set(failures.map(({ group }) => group));
    for (const [name, { resource, informer }] of this.#followed) {
      if (names.has(name) || silent.has(resource.group)) continue;
      this.#followed.delete(name);
      await informer.dispose();
      for (const node of [...this.#graph.all()]) if (node.resource === name) this.#graph.delete(node.uid);
    }
    const added = wanted.filter((resource) => !this.#followed.has(followedName(resource)));
    const informers = added.map((resource) => this.#follow(resource));
    const patience = AbortSignal.any([signal, AbortSignal.timeout(firstListMs)]);
    await Promise.allSettled(informers.map((informer) => informer.synced(patience)));
    if (added.length > 0) for (const { uid } of this.#graph.all()) this.#queue.add(uid);
  }

  #follow(resource: DiscoveredResource): Informer<ApiObject> {
    const name = followedName(resource);
    const informer = createInformer<ApiObject>({
      ...this.#parts,
      name: resource.resource,
      client: this.#parts.api.resource(resource),
      keep: ({ metadata = {} }) => ({ metadata: essence(metadata) }),
    });
    informer.onDidAdd((object) => this.#saw(name, object));
    informer.onDidUpdate(({ object }) => this.#saw(name, object));
    informer.onDidDelete((object) => this.#lost(object));
    if (makers.has(name)) onEveryChange(informer, () => this.#scans.add("scan"));
    this.#followed.set(name, { resource, informer });
    informer.start();
    return informer;
  }

  #saw(resource: string, object: ApiObject): void {
    const node = graphNode(resource, object);
    this.#graph.set(node);
    if (node.owners.length > 0 || node.isDying) this.#queue.add(node.uid);
    if (node.isDying) this.#addRelatives(node);
  }

  #lost(object: ApiObject): void {
    const uid = object.metadata?.uid ?? "";
    const node = this.#graph.get(uid);
    if (!node) return;
    this.#graph.delete(uid);
    this.#absent.add(uid);
    this.#addRelatives(node);
  }

  #addRelatives(node: GraphNode): void {
    for (const dependent of this.#graph.dependentsOf(node.uid)) this.#queue.add(dependent.uid);
    for (const { uid } of node.owners) this.#queue.add(uid);
  }

  async #reconcile(uid: string): Promise<void> {
    const node = this.#graph.get(uid);
    if (!node) return;
    if (!node.isDying) await this.#lookForOwners(node);
    const current = this.#graph.get(uid);
    if (!current) return;
    await this.#carryOut(
      current,
      nextGarbageStep(current, this.#graph, (owner) => this.#absent.has(owner)),
    );
  }

  async #carryOut(node: GraphNode, step: GarbageStep): Promise<void> {
    if (step.kind === "delete") await this.#delete(node, step.policy);
    else if (step.kind === "dropOwners") await this.#dropOwners(node, step.uids);
    else if (step.kind === "deleteDependents") {
      for (const { uid } of step.dependents) this.#queue.add(uid);
    } else if (step.kind === "orphanDependents") {
      for (const dependent of step.dependents) await this.#dropOwners(dependent, [node.uid]);
      this.#queue.addAfter(node.uid, 100);
    } else if (step.kind === "removeFinalizer") {
      const finalizers = node.finalizers.filter((one) => one !== step.finalizer);
      await this.#patch(node, { finalizers });
    }
  }

  /** The graph may not know an owner yet; deleting is final, so the API is asked. */
  async #lookForOwners(node: GraphNode): Promise<void> {
    for (const owner of node.owners) {
      if (this.#graph.get(owner.uid) || this.#absent.has(owner.uid)) continue;
      const resource = this.#resourceOf(owner.apiVersion, owner.kind);
      // A kind nobody serves may be served again: what it owns stays.
      if (!resource) continue;
      if (resource.namespaced && node.namespace === undefined) continue;
      const scope = resource.namespaced && node.namespace !== undefined ? { namespace: node.namespace } : {};
      const found = await this.#uidOf(this.#parts.api.resource(resource), owner.name, scope);
      if (found !== owner.uid) this.#absent.add(owner.uid);
    }
  }

  async #uidOf(
    client: ResourceClient<ApiObject>,
    name: string,
    scope: { namespace?: string },
  ): Promise<string | undefined> {
    try {
      return (await client.get(name, scope)).metadata?.uid;
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return undefined;
      throw error;
    }
  }

  /** By group and kind: an owner may be named in another version than the one followed. */
  #resourceOf(apiVersion: string, kind: string): DiscoveredResource | undefined {
    const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
    for (const { resource } of this.#followed.values()) {
      if (resource.kind === kind && resource.group === group) return resource;
    }
    return undefined;
  }

  async #delete(node: GraphNode, propagationPolicy: "Foreground" | undefined): Promise<void> {
    await this.#withClient(node, (client, scope) =>
      client.delete(node.name, {
        ...scope,
        propagationPolicy: propagationPolicy ?? "Background",
        preconditions: { uid: node.uid },
      }),
    );
  }

  async #dropOwners(node: GraphNode, uids: readonly string[]): Promise<void> {
    await this.#patch(node, { ownerReferences: node.owners.filter(({ uid }) => !uids.includes(uid)) });
  }

  async #patch(node: GraphNode, metadata: Record<string, unknown>): Promise<void> {
    const patch = { metadata: { ...metadata, uid: node.uid, resourceVersion: node.resourceVersion } };
    await this.#withClient(node, (client, scope) => client.patch(node.name, "merge", patch, scope));
  }

  async #withClient(
    node: GraphNode,
    use: (client: ResourceClient<ApiObject>, scope: { namespace?: string }) => Promise<unknown>,
  ): Promise<void> {
    const followed = this.#followed.get(node.resource);
    if (!followed) return;
    const scope = node.namespace === undefined ? {} : { namespace: node.namespace };
    await unlessGone(use(this.#parts.api.resource<ApiObject>(followed.resource), scope));
  }
}

function followedName({ group, resource }: DiscoveredResource): string {
  return `${resource}.${group}`;
}

type Metadata = NonNullable<ApiObject["metadata"]>;

/** Every object of the cluster is remembered here, so little of each. */
function essence({
  name,
  namespace,
  uid,
  resourceVersion,
  deletionTimestamp,
  finalizers,
  ownerReferences,
}: Metadata): Metadata {
  return {
    ...(name !== undefined && { name }),
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(deletionTimestamp !== undefined && { deletionTimestamp }),
    ...(finalizers && { finalizers }),
    ...(ownerReferences && { ownerReferences }),
  };
}
