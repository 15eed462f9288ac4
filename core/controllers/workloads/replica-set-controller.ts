import { errorMessage } from "@berth/base";

import type { Pod, ReplicaSet } from "../../api/index.ts";
import { deepEqual } from "../../api/index.ts";
import { ApiError, type WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { controllerUid } from "../shared/cluster-informers.ts";
import { sameStatus } from "../shared/conditions.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { adoptionPatch, type Manager, ownerReference, releasePatch, sortClaims } from "./adoption.ts";
import { Expectations } from "./expectations.ts";
import { availableIn, byDispensability, isActive } from "./pod-states.ts";
import { matchesReplicaSet, replicaDifference, replicaSetStatus } from "./replica-set-status.ts";

/** Keeps as many pods of a template as asked for. */
export class ReplicaSetController implements Controller {
  readonly label = "replica set controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;
  readonly #expectations: Expectations;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#expectations = new Expectations(parts.clock);
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key), { parallel: 8 });
    const { replicaSets, pods } = parts.informers;
    onEveryChange(replicaSets, ({ metadata }, change) => {
      const key = `${metadata.namespace}/${metadata.name}`;
      if (change === "deleted") this.#expectations.forget(key);
      else this.#queue.add(key);
    });
    onEveryChange(pods, (pod, change, old) => {
      this.#sawPod(pod, change);
      if (old && !deepEqual(controllerUid(old), controllerUid(pod))) this.#wakeOwner(old);
    });
  }

  /** Pods may have been told of before their sets. */
  start(): void {
    for (const { metadata } of this.#parts.informers.replicaSets.list()) {
      this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    }
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  #sawPod(pod: Pod, change: "added" | "updated" | "deleted"): void {
    const set = this.#ownerOf(pod);
    if (!set) {
      if (controllerUid(pod).length === 0 && change !== "deleted") this.#wakeMatching(pod);
      return;
    }
    const key = `${set.metadata.namespace}/${set.metadata.name}`;
    if (change === "added") this.#expectations.created(key);
    if (change === "deleted" || pod.metadata.deletionTimestamp) {
      this.#expectations.deleted(key, pod.metadata.uid ?? "");
    }
    this.#queue.add(key);
  }

  #wakeOwner(pod: Pod): void {
    const set = this.#ownerOf(pod);
    if (set) this.#queue.add(`${set.metadata.namespace}/${set.metadata.name}`);
  }

  /** Somebody may want to adopt it. */
  #wakeMatching(pod: Pod): void {
    for (const set of this.#parts.informers.replicaSets.list(pod.metadata.namespace)) {
      if (matchesReplicaSet(set, pod)) this.#queue.add(`${set.metadata.namespace}/${set.metadata.name}`);
    }
  }

  #ownerOf({ metadata }: Pod): ReplicaSet | undefined {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    if (owner?.kind !== "ReplicaSet") return undefined;
    const set = this.#parts.informers.replicaSets.get(owner.name, metadata.namespace);
    return set?.metadata.uid === owner.uid ? set : undefined;
  }

  async #reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const set = this.#parts.informers.replicaSets.get(name, namespace);
    if (!set) return;
    const isSettled = this.#expectations.areMet(key);
    const pods = await this.#claimPods(set);
    const active = pods.filter(isActive);
    let failure: string | undefined;
    let problem: unknown;
    if (isSettled && !set.metadata.deletionTimestamp) {
      try {
        await this.#scale(key, set, active);
      } catch (error) {
        problem = error;
        failure = errorMessage(error);
      }
    }
    await this.#writeStatus(set, active, failure);
    this.#wakeWhenAvailable(key, set, active);
    if (problem !== undefined) throw problem;
  }

  async #claimPods(set: ReplicaSet): Promise<Pod[]> {
    const { pods } = this.#parts.informers;
    const manager = managerOf(set);
    const candidates = [
      ...pods.byIndex("owner", manager.uid),
      ...pods.byIndex("orphans", set.metadata.namespace ?? ""),
    ];
    const claims = sortClaims(manager, candidates, (pod) => matchesReplicaSet(set, pod));
    const client = clientOf(this.#parts.api, resources.pods);
    const scope = { namespace: set.metadata.namespace ?? "" };
    const adopted = claims.adopted.filter(isActive);
    for (const pod of adopted) {
      await unlessGone(client.patch(pod.metadata.name, "merge", adoptionPatch(manager, pod), scope));
    }
    for (const pod of claims.released) {
      await unlessGone(client.patch(pod.metadata.name, "merge", releasePatch(manager, pod), scope));
    }
    return [...claims.kept, ...adopted];
  }

  async #scale(key: string, set: ReplicaSet, active: readonly Pod[]): Promise<void> {
    const difference = replicaDifference(set, active.length);
    if (difference > 0) await this.#create(key, set, difference);
    else if (difference < 0) await this.#delete(key, set, byDispensability(active).slice(0, -difference));
  }

  /** In batches that double, so that a template nobody accepts costs one refusal and not hundreds. */
  async #create(key: string, set: ReplicaSet, count: number): Promise<void> {
    let made = 0;
    for (let batch = 1; made < count; batch *= 2) {
      const size = Math.min(batch, count - made);
      this.#expectations.expectCreations(key, size);
      const results = await Promise.allSettled(Array.from({ length: size }, () => this.#createOne(key, set)));
      const failed = results.find((result) => result.status === "rejected");
      if (failed) throw failed.reason;
      made += size;
    }
  }

  async #createOne(key: string, set: ReplicaSet): Promise<void> {
    const { name, namespace = "" } = set.metadata;
    const { metadata, spec } = set.spec?.template ?? {};
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        generateName: `${name}-`,
        namespace,
        ...(metadata?.labels && { labels: metadata.labels }),
        ...(metadata?.annotations && { annotations: metadata.annotations }),
        ...(metadata?.finalizers && { finalizers: metadata.finalizers }),
        ownerReferences: [ownerReference(managerOf(set))],
      },
      spec: spec ?? { containers: [] },
    };
    try {
      const created = await this.#parts.api
        .resource<typeof pod & { metadata: { name?: string } }>(resources.pods)
        .create(pod, { namespace });
      this.#event(set, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
    } catch (error) {
      this.#expectations.created(key);
      this.#event(set, "Warning", "FailedCreate", `Error creating: ${errorMessage(error)}`);
      throw error;
    }
  }

  async #delete(key: string, set: ReplicaSet, pods: readonly Pod[]): Promise<void> {
    this.#expectations.expectDeletions(
      key,
      pods.map(({ metadata }) => metadata.uid ?? ""),
    );
    const client = clientOf(this.#parts.api, resources.pods);
    const results = await Promise.allSettled(
      pods.map(async ({ metadata: { name, namespace = "", uid = "" } }) => {
        try {
          await client.delete(name, { namespace, preconditions: { uid } });
          this.#event(set, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
        } catch (error) {
          this.#expectations.deleted(key, uid);
          throw error;
        }
      }),
    );
    const failed = results.find((result) => result.status === "rejected");
    if (failed && !ApiError.is(failed.reason, "NotFound")) throw failed.reason;
  }

  async #writeStatus(set: ReplicaSet, active: readonly Pod[], failure: string | undefined): Promise<void> {
    const status = replicaSetStatus(set, active, this.#parts.clock.now(), failure);
    if (sameStatus(status, set.status)) return;
    const { name, namespace = "" } = set.metadata;
    await unlessGone(
      clientOf(this.#parts.api, resources.replicaSets).patch(
        name,
        "merge",
        { status },
        { namespace, subresource: "status" },
      ),
    );
  }

  /** Time alone makes a ready pod available. */
  #wakeWhenAvailable(key: string, set: ReplicaSet, active: readonly Pod[]): void {
    const now = this.#parts.clock.now();
    const waits = active.flatMap((pod) => availableIn(pod, set.spec?.minReadySeconds ?? 0, now) ?? []);
    const next = Math.min(...waits.filter((ms) => ms > 0));
    if (Number.isFinite(next)) this.#queue.addAfter(key, next);
  }

  #event(set: ReplicaSet, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#parts.events.event({ ...set, apiVersion: "apps/v1", kind: "ReplicaSet" }, type, reason, message);
  }
}

function managerOf({ metadata }: ReplicaSet): Manager {
  const { name, uid = "", deletionTimestamp } = metadata;
  return { apiVersion: "apps/v1", kind: "ReplicaSet", name, uid, isDying: deletionTimestamp !== undefined };
}
