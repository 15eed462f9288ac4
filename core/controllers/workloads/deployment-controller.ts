import type { Deployment, ReplicaSet } from "../../api/index.ts";
import { labelSelectorQuery } from "../../api/selectors/label-selector.ts";
import { matchesLabels } from "../../api/selectors/requirement.ts";
import { ApiError, type WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { controllerUid } from "../shared/cluster-informers.ts";
import { sameStatus } from "../shared/conditions.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { adoptionPatch, type Manager, releasePatch, sortClaims } from "./adoption.ts";
import { deploymentStatus, progressDeadline } from "./deployment-status.ts";
import {
  desiredAnnotation,
  newReplicaSet,
  nextRevision,
  revisionOf,
  setAnnotations,
} from "./replica-set-of.ts";
import { byAge, newSetReplicas, oldSetScales, proportionalScales, replicasOf } from "./rolling-update.ts";
import { sameTemplate } from "./template-hash.ts";

/** Rolls pods over from one template to the next by growing and shrinking replica sets, one per template. */
export class DeploymentController implements Controller {
  readonly label = "deployment controller";
  readonly #parts: ControllerParts;
  readonly #queue: WorkQueue<string>;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#queue = reconcileQueue(this.label, parts, (key) => this.#reconcile(key), { parallel: 8 });
    const { deployments, replicaSets, pods } = parts.informers;
    onEveryChange(deployments, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(`${metadata.namespace}/${metadata.name}`);
    });
    onEveryChange(replicaSets, (set) => this.#wake(set));
    // Recreate waits for the last old pod to be gone, which no replica set tells.
    pods.onDidDelete((pod) => {
      const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
      const set = replicaSets.get(owner?.name ?? "", pod.metadata.namespace);
      if (set) this.#wake(set);
    });
  }

  dispose(): void | Promise<void> {
    return this.#queue.dispose();
  }

  #wake(set: ReplicaSet): void {
    const { deployments } = this.#parts.informers;
    const [owner] = controllerUid(set);
    for (const deployment of deployments.list(set.metadata.namespace)) {
      const isConcerned = owner === undefined ? matches(deployment, set) : deployment.metadata.uid === owner;
      if (isConcerned) this.#queue.add(`${deployment.metadata.namespace}/${deployment.metadata.name}`);
    }
  }

  async #reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const deployment = this.#parts.informers.deployments.get(name, namespace);
    if (!deployment) return;
    const sets = await this.#claimSets(deployment);
    const newSet = byAge(sets).find((set) => sameTemplate(set.spec?.template, deployment.spec.template));
    if (deployment.metadata.deletionTimestamp) return await this.#writeStatus(deployment, sets, newSet);
    if (deployment.spec.paused) await this.#spread(deployment, sets);
    else if (this.#isRescaled(deployment, sets)) await this.#spread(deployment, sets);
    else await this.#roll(deployment, sets, newSet);
    await this.#writeStatus(deployment, sets, newSet);
    if (newSet) await this.#dropHistory(deployment, sets, newSet);
    const deadline = progressDeadline(deployment);
    if (deadline !== undefined) {
      this.#queue.addAfter(key, Math.max(1000, deadline - this.#parts.clock.now()));
    }
  }

  async #claimSets(deployment: Deployment): Promise<ReplicaSet[]> {
    const manager = managerOf(deployment);
    const { namespace = "" } = deployment.metadata;
    const claims = sortClaims(manager, this.#parts.informers.replicaSets.list(namespace), (set) =>
      matches(deployment, set),
    );
    const client = clientOf(this.#parts.api, resources.replicaSets);
    for (const set of claims.adopted) {
      await unlessGone(client.patch(set.metadata.name, "merge", adoptionPatch(manager, set), { namespace }));
    }
    for (const set of claims.released) {
      await unlessGone(client.patch(set.metadata.name, "merge", releasePatch(manager, set), { namespace }));
    }
    return [...claims.kept, ...claims.adopted].filter(({ metadata }) => !metadata.deletionTimestamp);
  }

  #isRescaled({ spec }: Deployment, sets: readonly ReplicaSet[]): boolean {
    return sets.some((set) => {
      const noted = set.metadata.annotations?.[desiredAnnotation];
      return replicasOf(set) > 0 && noted !== undefined && Number(noted) !== (spec.replicas ?? 1);
    });
  }

  /** The number changed: a lone set takes it, several share it out. */
  async #spread(deployment: Deployment, sets: readonly ReplicaSet[]): Promise<void> {
    const active = sets.filter((set) => replicasOf(set) > 0);
    const [only] = active.length === 0 ? byAge(sets).slice(-1) : active.length === 1 ? active : [];
    const scales = only
      ? [{ set: only, replicas: deployment.spec.replicas ?? 1 }]
      : proportionalScales(deployment, active);
    for (const { set, replicas } of scales) await this.#scale(deployment, set, replicas);
    for (const set of active) {
      if (!scales.some((scale) => scale.set === set)) await this.#scale(deployment, set, replicasOf(set));
    }
  }

  async #roll(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    newSet: ReplicaSet | undefined,
  ): Promise<void> {
    const old = sets.filter((set) => set !== newSet);
    if (deployment.spec.strategy?.type === "Recreate") {
      for (const set of old) if (replicasOf(set) > 0) await this.#scale(deployment, set, 0);
      if (old.some((set) => this.#hasPods(set))) return;
    }
    if (!newSet) return await this.#createSet(deployment, sets);
    await this.#noteRevision(deployment, sets, newSet);
    const grown = newSetReplicas(deployment, sets, replicasOf(newSet));
    await this.#scale(deployment, newSet, grown);
    if (grown !== replicasOf(newSet)) return;
    for (const { set, replicas } of oldSetScales(deployment, newSet, old)) {
      await this.#scale(deployment, set, replicas);
    }
  }

  #hasPods({ metadata }: ReplicaSet): boolean {
    return this.#parts.informers.pods
      .byIndex("owner", metadata.uid ?? "")
      .some(({ status }) => status?.phase !== "Succeeded" && status?.phase !== "Failed");
  }

  async #createSet(deployment: Deployment, sets: readonly ReplicaSet[]): Promise<void> {
    const { namespace = "", name } = deployment.metadata;
    const replicas = newSetReplicas(deployment, sets, 0);
    const revision = nextRevision(sets);
    const set = newReplicaSet(deployment, replicas, revision);
    try {
      await clientOf(this.#parts.api, resources.replicaSets).create(set, { namespace });
    } catch (error) {
      if (!ApiError.is(error, "AlreadyExists")) throw error;
      return await this.#resolveCollision(deployment, set);
    }
    this.#scaled(deployment, set.metadata.name, 0, replicas);
    await this.#setRevision(name, namespace, revision);
  }

  /** The name is taken: by our own set that the informer has yet to tell of, or by a stranger's. */
  async #resolveCollision(deployment: Deployment, set: ReplicaSet): Promise<void> {
    const { namespace = "", name, uid } = deployment.metadata;
    const there = await clientOf(this.#parts.api, resources.replicaSets).get(set.metadata.name, {
      namespace,
    });
    if (controllerUid(there)[0] === uid && sameTemplate(there.spec?.template, set.spec?.template)) return;
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await clientOf(this.#parts.api, resources.deployments).patch(
      name,
      "merge",
      { status: { collisionCount } },
      { namespace, subresource: "status" },
    );
  }

  /** A set that becomes the newest again, by a rollback, gets a revision above all others. */
  async #noteRevision(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    newSet: ReplicaSet,
  ): Promise<void> {
    const highest = nextRevision(sets.filter((set) => set !== newSet));
    const own = revisionOf(newSet);
    const revision = own >= highest ? own : highest;
    const { namespace = "", name } = deployment.metadata;
    if (own !== revision) {
      const patch = { metadata: { annotations: setAnnotations(deployment, revision) } };
      const client = clientOf(this.#parts.api, resources.replicaSets);
      await unlessGone(client.patch(newSet.metadata.name, "merge", patch, { namespace }));
    }
    if (revisionOf(deployment) !== revision) await this.#setRevision(name, namespace, revision);
  }

  async #setRevision(name: string, namespace: string, revision: number): Promise<void> {
    const patch = { metadata: { annotations: { "deployment.kubernetes.io/revision": String(revision) } } };
    await unlessGone(
      clientOf(this.#parts.api, resources.deployments).patch(name, "merge", patch, { namespace }),
    );
  }

  async #scale(deployment: Deployment, set: ReplicaSet, replicas: number): Promise<void> {
    const annotations = setAnnotations(deployment);
    const isNoted = Object.entries(annotations).every(
      ([key, value]) => set.metadata.annotations?.[key] === value,
    );
    const before = replicasOf(set);
    if (before === replicas && isNoted) return;
    const { name, namespace = "", resourceVersion } = set.metadata;
    await clientOf(this.#parts.api, resources.replicaSets).patch(
      name,
      "merge",
      { metadata: { resourceVersion, annotations }, spec: { replicas } },
      { namespace },
    );
    this.#scaled(deployment, name, before, replicas);
  }

  #scaled(deployment: Deployment, set: string, before: number, replicas: number): void {
    if (before === replicas) return;
    const direction = replicas > before ? "up" : "down";
    const message = `Scaled ${direction} replica set ${set} from ${before} to ${replicas}`;
    this.#event(deployment, "ScalingReplicaSet", message);
  }

  async #writeStatus(
    deployment: Deployment,
    sets: readonly ReplicaSet[],
    newSet: ReplicaSet | undefined,
  ): Promise<void> {
    const status = deploymentStatus(deployment, sets, newSet, this.#parts.clock.now());
    if (sameStatus(status, deployment.status)) return;
    const { name, namespace = "" } = deployment.metadata;
    const client = clientOf(this.#parts.api, resources.deployments);
    await unlessGone(client.patch(name, "merge", { status }, { namespace, subresource: "status" }));
  }

  async #dropHistory(deployment: Deployment, sets: readonly ReplicaSet[], newSet: ReplicaSet): Promise<void> {
    const idle = sets
      .filter((set) => set !== newSet && replicasOf(set) === 0 && (set.status?.replicas ?? 0) === 0)
      .toSorted((a, b) => revisionOf(a) - revisionOf(b));
    const surplus = idle.slice(0, Math.max(0, idle.length - (deployment.spec.revisionHistoryLimit ?? 10)));
    const client = clientOf(this.#parts.api, resources.replicaSets);
    for (const { metadata } of surplus) {
      await unlessGone(client.delete(metadata.name, { namespace: metadata.namespace ?? "" }));
    }
  }

  #event(deployment: Deployment, reason: string, message: string): void {
    const about = { ...deployment, apiVersion: "apps/v1", kind: "Deployment" };
    this.#parts.events.event(about, "Normal", reason, message);
  }
}

function matches({ spec }: Deployment, { metadata }: ReplicaSet): boolean {
  return matchesLabels(labelSelectorQuery(spec.selector), metadata.labels);
}

function managerOf({ metadata }: Deployment): Manager {
  const { name, uid = "", deletionTimestamp } = metadata;
  return { apiVersion: "apps/v1", kind: "Deployment", name, uid, isDying: deletionTimestamp !== undefined };
}
